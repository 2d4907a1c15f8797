/** What the console reads of a short link and its figures. */
import { api } from "~/api/client";

export interface ShortLink {
  id: string;
  code: string;
  shortUrl: string;
  url: string;
  title?: string | null;
  tags: string[];
  clicks?: number;
  totalClicks?: number;
  createdAt: string;
  expiresAt?: string | null;
  maxClicks?: number | null;
}

export type Counted = { name?: string; value?: string; key?: string; clicks?: number; count?: number };

export interface Stats {
  totalClicks: number;
  uniqueVisitors: number;
  perDay: { date: string; clicks: number; visitors: number }[];
  referrers: Counted[] | Record<string, number>;
  browsers: Counted[] | Record<string, number>;
  operatingSystems: Counted[] | Record<string, number>;
  devices: Counted[] | Record<string, number>;
  countries: Counted[] | Record<string, number>;
  languages: Counted[] | Record<string, number>;
  bots: number | Record<string, number>;
}

export interface Click {
  id: string;
  at: string;
  classification: "human" | "bot" | "preview" | "duplicate";
  reason: string;
  referrer?: string | null;
  browser?: string | null;
  country?: string | null;
}

export function remove(id: string): Promise<unknown> {
  return api.delete("/links/{link_id}", { path: { link_id: id } });
}

/** Figures by name, most first. */
export function shares(of: Counted[] | Record<string, number>): { name: string; value: number }[] {
  const rows = Array.isArray(of)
    ? of.map((row) => ({ name: row.name ?? row.value ?? row.key ?? "", value: row.clicks ?? row.count ?? 0 }))
    : Object.entries(of).map(([name, value]) => ({ name, value }));
  return rows.sort((a, b) => b.value - a.value).slice(0, 8);
}

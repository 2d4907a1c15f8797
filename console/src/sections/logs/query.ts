/** What the explorer asks for, as the URL keeps it and as the API takes it. */
import type { Query } from "~/api/client";
import type { Filters } from "~/kit/filters";

export interface LogLine {
  id: string;
  timestamp: string;
  service: string;
  level: string;
  message: string;
  attributes: Record<string, unknown>;
  raw: string;
}

export const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
export const LEVEL_COLORS: Record<string, string> = {
  trace: "var(--mantine-color-gray-4)", debug: "var(--mantine-color-gray-5)", info: "var(--mantine-color-blue-5)",
  warn: "var(--mantine-color-yellow-6)", error: "var(--mantine-color-red-6)", fatal: "var(--mantine-color-grape-6)",
};
export const RANGES: Record<string, number> = { "15m": 900, "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 };

/** The span of time: chosen by brushing (`from`, `to`), else the latest `range`. */
export function span(filters: Filters): { from: string; to: string } {
  if (filters.from && filters.to) return { from: filters.from, to: filters.to };
  const seconds = RANGES[filters.range ?? "24h"] ?? 86_400;
  return { from: new Date(Date.now() - seconds * 1000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
}

/** `error service:web status:500 some words` as parameters: known words are filters, the rest is searched for. */
export function asked(filters: Filters): Query {
  const query: Query = {};
  const words: string[] = [];
  for (const word of (filters.q ?? "").match(/\S+:"[^"]*"|"[^"]*"|\S+/g) ?? []) {
    const [, name, value] = /^([\w.-]+):"?([^"]+)"?$/.exec(word) ?? [];
    if (!name || value === undefined || value.startsWith("//")) words.push(word);
    else if (["service", "level", "minLevel"].includes(name)) query[name] = value;
    else query[`attr.${name}`] = value;
  }
  if (words.length) query.q = words.join(" ");
  return query;
}

export interface SavedQuery {
  service?: string[];
  level?: string[];
  minLevel?: string | null;
  q?: string | null;
  attributes?: Record<string, string[]>;
}

/** The query box's text as saved searches and alerts keep it. */
export function savedQuery(text: string): SavedQuery {
  const { q, service, level, minLevel, ...rest } = asked({ q: text }) as Record<string, string | undefined>;
  const attributes = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name.slice("attr.".length), [value!]]));
  return { ...(service ? { service: [service] } : {}), ...(level ? { level: [level] } : {}), ...(minLevel ? { minLevel } : {}), ...(q ? { q } : {}), attributes };
}

/** And back. */
export function queryText({ service = [], level = [], minLevel, q, attributes = {} }: SavedQuery): string {
  const words: [string, string][] = [
    ...service.map((value): [string, string] => ["service", value]),
    ...level.map((value): [string, string] => ["level", value]),
    ...(minLevel ? [["minLevel", minLevel] as [string, string]] : []),
    ...Object.entries(attributes).flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ];
  return words.reduce((text, [name, value]) => withFilter(text, name, value), q ?? "");
}

/** A filter added to the text of the query box. */
export function withFilter(q: string | undefined, name: string, value: string): string {
  const word = `${name}:${/\s/.test(value) ? `"${value}"` : value}`;
  return q?.includes(word) ? q : [q, word].filter(Boolean).join(" ");
}

/** A step that makes about sixty bars. */
export function step({ from, to }: { from: string; to: string }): number {
  const wanted = (new Date(to).getTime() - new Date(from).getTime()) / 60_000;
  return [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400].find((seconds) => seconds >= wanted) ?? 86_400;
}

/** The branding of an organization as the API has it, and as a form has it: partials in rows, nothing absent. */
import type { UseFormReturnType } from "@mantine/form";
import type { Schema } from "~/api/client";

export type BrandingBody = Schema<"BrandingBody">;

export interface BrandingValues {
  layout: { productName: string; logoUrl: string; color: string; footer: string; shortLinks: boolean; html: string };
  partials: { key: string; source: string }[];
}

export type BrandingForm = UseFormReturnType<BrandingValues>;

export function values({ layout = {}, partials = {} }: BrandingBody): BrandingValues {
  const { productName = "", logoUrl, color = "", footer = "", shortLinks = false, html } = layout;
  return {
    layout: { productName, logoUrl: logoUrl ?? "", color, footer, shortLinks, html: html ?? "" },
    partials: Object.entries(partials).map(([key, source]) => ({ key, source })),
  };
}

export function body({ layout, partials }: BrandingValues): BrandingBody {
  return {
    layout: { ...layout, logoUrl: layout.logoUrl || null, html: layout.html || null },
    partials: Object.fromEntries(partials.map(({ key, source }) => [key, source])),
  };
}

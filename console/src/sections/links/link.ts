/** What the API calls a short link, its figures and its visits. */
import { api, type Schema } from "~/api/client";
import type { RowOf } from "~/kit/list";

export type ShortLink = Schema<"LinkOut">;
export type Stats = Schema<"Statistics">;
export type Click = Schema<"ClickOut">;
export type Domain = RowOf<"/links/domains">;

export function remove(id: string): Promise<unknown> {
  return api.delete("/links/{link_id}", { path: { link_id: id } });
}


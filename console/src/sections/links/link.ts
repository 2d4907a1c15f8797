/** What the API calls a short link, its figures and its visits. */
import { api, type Schema } from "~/api/client";

export type ShortLink = Schema<"LinkOut">;
export type Stats = Schema<"Statistics">;
export type Click = Schema<"ClickOut">;

export function remove(id: string): Promise<unknown> {
  return api.delete("/links/{link_id}", { path: { link_id: id } });
}


/** What the clicks of a link can be narrowed to: the verdicts, and the countries and programs that were seen. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import type { Choice } from "~/kit/FilterBar";
import { useFilters } from "~/kit/filters";
import type { ShortLink, Stats } from "./link";

const VERDICTS = ["human", "bot", "preview", "duplicate"];

export function useClickChoices({ id, createdAt }: ShortLink): Choice[] {
  const { t } = useTranslation();
  const [filters] = useFilters();
  const seen = useQuery({
    queryKey: ["/links", id, "seen"],
    queryFn: () => api.get("/links/{link_id}/stats", { path: { link_id: id }, query: { from: createdAt, bots: true } }),
    refetchInterval: 30_000,
  }).data;
  return [
    { name: "classification", label: t("Who"), options: VERDICTS.map((value) => ({ value, label: t(value) })) },
    { name: "country", label: t("Country"), options: options(seen?.countries, filters.country) },
    { name: "browser", label: t("Browser"), options: options(seen?.browsers, filters.browser) },
    { name: "device", label: t("Device"), options: options(seen?.devices, filters.device).map(({ value }) => ({ value, label: t(value) })) },
  ];
}

/** The chosen one is among them, whether or not it was seen. */
function options(shares: Stats["countries"] = [], chosen?: string): Choice["options"] {
  const values = new Set([...(chosen ? [chosen] : []), ...shares.map(({ value }) => value).filter(Boolean)]);
  return [...values].sort().map((value) => ({ value, label: value }));
}

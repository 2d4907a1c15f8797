import { Autocomplete } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFilters } from "~/kit/filters";
import { useFacet } from "./Facets";

const FIELDS = ["service", "level", "minLevel", "status", "method", "path", "remoteAddress"];

/** The query: words and `field:value`. Fields are completed by name, values by what was logged. Enter searches. */
export function QueryBox({ within }: { within: { from: string; to: string } }) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [text, setText] = useState(filters.q ?? "");
  useEffect(() => setText(filters.q ?? ""), [filters.q]);
  const before = text.slice(0, text.lastIndexOf(" ") + 1);
  const word = text.slice(before.length);
  const field = word.includes(":") ? word.slice(0, word.indexOf(":")) : "";
  const known = useFacet(field === "minLevel" ? "level" : field, { query: {}, within }, field !== "").data ?? [];
  const completions = field ? known.map(({ value }) => `${before}${field}:${/\s/.test(value) ? `"${value}"` : value}`) : FIELDS.map((name) => `${before}${name}:`);
  const search = () => change({ q: text.trim() || undefined });
  return (
    <Autocomplete data-search aria-label={t("Search logs")} placeholder={t("Words, service:web, level:error, status:500 …")} style={{ flex: 1 }}
      classNames={{ input: "mono" }} leftSection={<IconSearch size={14} />} value={text} onChange={setText} data={[...new Set(completions)]} limit={12}
      onKeyDown={(event) => event.key === "Enter" && search()} onBlur={search}
      onOptionSubmit={(chosen) => { if (!chosen.endsWith(":")) change({ q: chosen }); }} />
  );
}

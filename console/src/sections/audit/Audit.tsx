import { Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DataTable } from "~/kit/DataTable";
import { Download } from "~/kit/Download";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Page } from "~/kit/Page";
import { Ago } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { usePeople } from "~/kit/identity";
import { useList } from "~/kit/list";

export function Audit() {
  const { t } = useTranslation();
  const people = usePeople();
  const [filters] = useFilters();
  const query = { action: act(filters.q), actorId: filters.actor };
  const list = useList("/audit-events", query);
  return (
    <Page title={t("Audit log")} hint={t("Every act that concerns security or administration. It can only grow.")}
      actions={<Download path="/audit-events/export" query={query} name="audit-events.csv">CSV</Download>}>
      <FilterBar search={t("Search by act, such as member.removed")}
        choices={[{ name: "actor", label: t("Who"), options: [...people].map(([value, { name }]) => ({ value, label: name })) }]} />
      <DataTable label={t("Audit log")} list={{ ...list, narrowed: !!(filters.q || filters.actor) }} rowKey={(event) => event.id}
        empty={<Empty icon={IconHistory} title={t("Nothing yet")} hint={t("Log-ins, role changes, keys and the like will be listed here.")} />}
        columns={[
          { label: t("When"), render: (event) => <Ago at={event.at} />, width: 120 },
          { label: t("Who"), render: (event) => event.actorName || t(event.actorKind), width: 180 },
          { label: t("Act"), render: (event) => <Text className="mono">{event.action}</Text>, width: 230 },
          { label: t("Details"), render: (event) => <Text className="mono truncate" c="dimmed" maw={420}>{[event.targetId, Object.keys(event.details).length ? JSON.stringify(event.details) : ""].filter(Boolean).join(" ")}</Text>, wide: true },
        ]} />
    </Page>
  );
}

/** `member` means all acts on members, as the API writes it: `member.*`. */
function act(words = ""): string {
  return words && !words.includes(".") ? `${words}.*` : words;
}

import { Button, Stack, Text } from "@mantine/core";
import { IconBellRinging, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Ago, State } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { RemoveButton } from "~/kit/undo";
import { NewAlert } from "./NewAlert";
import { queryText } from "./query";

type Alert = Schema<"AlertOut">;
const STATES = ["calm", "firing"];

export function Alerts() {
  const { t } = useTranslation();
  const [creating, open, close] = useCreating();
  // `q` in the URL is the explorer's query, which stays while one looks at the alerts.
  const list = useSearched(useList("/logs/alerts", { limit: 200 }, { every: 10_000 }), {
    name: "alert", text: (alert) => `${alert.name} ${queryText(alert.query)}`, choices: { state: (alert) => alert.state },
  });
  return (
    <Stack>
      <FilterBar name="alert" search={t("Search by name or query")} choices={[{ name: "state", label: t("State"), options: STATES.map((value) => ({ value, label: t(value) })) }]}>
        <Button ml="auto" leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New alert")}</Button>
      </FilterBar>
      <DataTable label={t("Alerts")} list={list} rowKey={(alert) => alert.id}
        empty={<Empty icon={IconBellRinging} title={t("No alerts yet")} hint={t("An alert tells you when more lines fit a query than you want.")}><Button onClick={open}>{t("New alert")}</Button></Empty>}
        columns={[
          { label: t("Name"), render: (alert) => <Text size="sm" fw={500}>{alert.name}</Text> },
          { label: t("Query"), render: (alert) => <Text className="mono">{queryText(alert.query) || t("every line")}</Text>, wide: true },
          { label: t("More than"), render: (alert) => t("{{threshold}} in {{seconds}} s", { threshold: alert.threshold, seconds: alert.windowSeconds }), width: 150 },
          { label: t("State"), render: (alert) => <State of={alert.state} />, width: 100 },
          { label: t("Last fired"), render: (alert) => <Ago at={alert.firedAt} />, width: 120, wide: true },
          { label: "", render: (alert) => <Delete alert={alert} />, width: 80, align: "right", wide: true },
        ]} />
      <NewAlert key={String(creating)} opened={creating} onClose={close} />
    </Stack>
  );
}

function Delete({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  return (
    <RemoveButton queryKey={["/logs/alerts"]} gone={(row: Alert) => row.id === alert.id} told={t("The alert {{name}} was deleted.", { name: alert.name })}
      commit={() => api.delete("/logs/alerts/{alert_id}", { path: { alert_id: alert.id } })}>
      {t("Delete")}
    </RemoveButton>
  );
}

import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { asProblem } from "~/api/problem";
import { Loading, Panel } from "~/kit/Page";
import { State } from "~/kit/Values";

const NAMES: Record<string, string> = { postgres: "PostgreSQL", valkey: "Valkey", clickhouse: "ClickHouse" };

interface Ready {
  status: string;
  engines: Record<string, string>;
}

/** Whether each engine answers; asked every five seconds. A 503 is an answer too. */
export function Health() {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["/readyz"],
    queryFn: async () => (await fetch("/readyz")).json() as Promise<Ready>,
    refetchInterval: 5000,
    retry: false,
  });
  return (
    <Panel title={t("Health")}>
      {found.isPending && <Loading rows={3} />}
      <Stack gap="xs">
        <Group justify="space-between"><Text size="sm">{t("This server")}</Text><State of={found.error ? "failed" : "ok"} label={found.error ? asProblem(found.error).title : "ok"} /></Group>
        {Object.entries(found.data?.engines ?? {}).map(([engine, state]) => (
          <Group key={engine} data-engine={engine} justify="space-between" wrap="nowrap"><Text size="sm">{NAMES[engine] ?? engine}</Text><State of={state === "ok" ? "ok" : "failed"} label={state} /></Group>
        ))}
      </Stack>
    </Panel>
  );
}

import { Text, Timeline } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago } from "~/kit/Values";
import { useList } from "~/kit/list";

export interface Activity {
  id: string;
  at: string;
  actorName: string;
  verb: string;
  taskId: string | null;
  changes: Record<string, [unknown, unknown]>;
}

export function TaskActivity({ taskId }: { taskId: string }) {
  const { t } = useTranslation();
  const list = useList("/activity", { taskId });
  return (
    <Panel title={t("Activity")}>
      {list.error ? <ProblemAlert error={list.error} retry={list.reload} /> : null}
      {list.loading && <Loading rows={3} />}
      <Timeline bulletSize={10} lineWidth={2}>
        {list.rows.map((entry) => (
          <Timeline.Item key={entry.id} title={<Text size="sm">{entry.actorName} · {t(entry.verb)}</Text>}>
            <Text size="xs" c="dimmed">{Object.entries(entry.changes ?? {}).map(([field, [, after]]) => `${t(field)}: ${after ?? "–"}`).join(", ")} <Ago at={entry.at} /></Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Panel>
  );
}

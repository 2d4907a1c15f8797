import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago } from "~/kit/Values";
import { useList } from "~/kit/list";
import { Link } from "~/link";

export function LatestActivity() {
  const { t } = useTranslation();
  const list = useList("/activity", { limit: 12 }, { every: 10_000 });
  return (
    <Panel title={t("Latest activity")}>
      {list.error ? <ProblemAlert error={list.error} retry={list.reload} /> : null}
      {list.loading && <Loading rows={4} />}
      {!list.loading && !list.error && !list.rows.length && <Text size="sm" c="dimmed">{t("What your team does in projects will be listed here.")}</Text>}
      <Stack gap={6}>
        {list.rows.map((entry) => (
          <Text size="sm" key={entry.id}>
            <b>{entry.actorName}</b> {entry.taskId ? <Link to={`/tasks/${entry.taskId}`}>{t(entry.verb)}</Link> : t(entry.verb)} <Text span size="xs" c="dimmed"><Ago at={entry.at} /></Text>
          </Text>
        ))}
      </Stack>
    </Panel>
  );
}

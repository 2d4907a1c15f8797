import { Drawer, Group, Text, Timeline } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { dateTime } from "~/format";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago, State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { usePeople } from "~/kit/identity";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";

const STATUSES = ["queued", "scheduled", "expanding", "canceled"];

interface Sent {
  id: string;
  status: string;
  template: string | null;
  category: string;
  channels: string[];
  createdAt: string;
  counts: Record<string, number>;
  trace: { at: string; recipient: string; channel: string; outcome: string; reason: string; detail?: Record<string, unknown> | null }[];
}

export function Deliveries() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const asked = useList("/notifications", { status: filters.status }, { every: 5000 });
  const list = useSearched({ ...asked, narrowed: !!filters.status }, { text: ({ template, category, counts }) => [template, category, ...Object.keys(counts ?? {})].join(" ") });
  return (
    <>
      <FilterBar search={t("Search by template, category or outcome")} choices={[{ name: "status", label: t("State"), options: STATUSES.map((value) => ({ value, label: t(value) })) }]} />
      <DataTable label={t("Sent")} list={list} rowKey={(sent) => sent.id} onOpen={(sent) => change({ notification: sent.id })} selected={filters.notification}
        empty={
          <Empty icon={IconSend} title={t("Nothing was sent yet")} hint={t("Send one above, or from a program:")}>
            <Curl path="/notifications" scope="notifications:write" body={{ content: { title: "Hello", body: "It works." }, to: { email: "ada@example.com" } }} />
          </Empty>
        }
        columns={[
          { label: t("When"), render: (sent) => <Ago at={sent.createdAt} />, width: 120 },
          { label: t("What"), render: (sent) => <Text size="sm">{sent.template ?? t("own text")} <Text span c="dimmed" size="sm">{sent.category}</Text></Text> },
          { label: t("Channels"), render: (sent) => (sent.channels ?? []).map((channel) => t(channel)).join(", "), wide: true },
          { label: t("State"), render: (sent) => <Group gap={4}>{Object.entries(sent.counts ?? {}).map(([state, count]) => <Group gap={2} key={state}><State of={state} /><Text size="xs" className="num">{count}</Text></Group>)}</Group> },
        ]} />
      <Drawer opened={!!filters.notification} onClose={() => change({ notification: undefined })} position="right" title={t("What happened, and why")} closeButtonProps={{ "aria-label": t("Close") }}>
        {filters.notification && <Trace id={filters.notification} />}
      </Drawer>
    </>
  );
}

function Trace({ id }: { id: string }) {
  const { t } = useTranslation();
  const people = usePeople();
  const found = useQuery({
    queryKey: ["/notifications", id],
    queryFn: () => api.get("/notifications/{notification_id}", { path: { notification_id: id } }) as Promise<Sent>,
    refetchInterval: 3000,
  });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return (
    <Timeline bulletSize={14} lineWidth={2}>
      {found.data.trace.map((entry, index) => (
        <Timeline.Item key={index} title={<Group gap="xs"><State of={entry.outcome} /><Text size="sm">{t(entry.channel)} · {people.get(entry.recipient)?.name ?? entry.recipient}</Text></Group>}>
          <Text size="sm">{t(entry.reason)}</Text>
          {entry.detail && Object.keys(entry.detail).length > 0 && <Text className="mono" c="dimmed" style={{ overflowWrap: "anywhere" }}>{JSON.stringify(entry.detail)}</Text>}
          <Text size="xs" c="dimmed">{dateTime(entry.at)}</Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

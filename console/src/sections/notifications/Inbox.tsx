import { ActionIcon, Box, Button, Group, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { IconArchive, IconCheck, IconInbox, IconSearchOff } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { More } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Markdown } from "~/kit/Markdown";
import { Loading } from "~/kit/Page";
import { ProblemAlert, tellProblem } from "~/kit/Problems";
import { Ago } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { useRemoval } from "~/kit/undo";

interface Entry {
  id: string;
  title: string;
  body: string;
  link: string | null;
  category: string;
  createdAt: string;
  readAt: string | null;
}

export function Inbox() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [filters, change] = useFilters();
  const list = useSearched(useList("/inbox", { unread: filters.unread }), { text: ({ title, body, category }) => `${title} ${body} ${category}` });
  const readAll = useMutation({
    mutationFn: () => api.post("/inbox/read-all"),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/inbox"] }),
  });
  return (
    <>
      <FilterBar search={t("Search the inbox")}>
        <SegmentedControl aria-label={t("Show")} data={[{ value: "", label: t("All") }, { value: "true", label: t("Unread") }]}
          value={filters.unread ?? ""} onChange={(unread) => change({ unread: unread || undefined })} />
        <Button variant="default" ml="auto" leftSection={<IconCheck size={14} />} loading={readAll.isPending} onClick={() => readAll.mutate()}>{t("Mark all as read")}</Button>
      </FilterBar>
      {list.error ? <ProblemAlert error={list.error} retry={list.reload} /> : null}
      {list.loading && <Loading />}
      {!list.loading && !list.error && (
        <Box className="surface" component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label={t("Inbox")}>
          {list.rows.map((entry) => <Item key={entry.id} entry={entry} />)}
          {!list.rows.length && <li>{list.narrowed ? <Empty icon={IconSearchOff} title={t("Nothing fits this search")} /> : <Empty icon={IconInbox} title={t("All read")} hint={t("What concerns you appears here the moment it happens.")} />}</li>}
        </Box>
      )}
      <More list={list} />
    </>
  );
}

function Item({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const removal = useRemoval();
  const path = { entry_id: entry.id };
  const reading = useMutation({
    mutationFn: () => api.post("/inbox/{entry_id}/read", { path }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/inbox"] }),
  });
  const unread = !entry.readAt && !reading.isSuccess;
  return (
    <Box component="li" px="md" py="sm" style={{ borderBottom: "1px solid var(--line)" }}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Box w={8} h={8} mt={6} bg={unread ? "var(--mantine-primary-color-filled)" : "transparent"} style={{ borderRadius: 4, flexShrink: 0 }} role={unread ? "img" : undefined} aria-label={unread ? t("Unread") : undefined} />
        <Box style={{ flex: 1 }} miw={0}>
          <Group gap="xs"><Text size="sm" fw={unread ? 600 : 400}>{entry.title}</Text><Text size="xs" c="dimmed"><Ago at={entry.createdAt} /></Text></Group>
          <Text size="sm" c="dimmed" component="div"><Markdown text={entry.body} /></Text>
          {entry.link && <Text size="sm"><a href={entry.link} target="_blank" rel="noopener noreferrer">{entry.link}</a></Text>}
        </Box>
        <Group gap={2} wrap="nowrap">
          {unread && (
            <Tooltip label={t("Mark as read")}><ActionIcon variant="subtle" color="gray" aria-label={t("Mark as read")} onClick={() => reading.mutate()}><IconCheck size={16} /></ActionIcon></Tooltip>
          )}
          <Tooltip label={t("Archive")}>
            <ActionIcon variant="subtle" color="gray" aria-label={t("Archive")}
              onClick={() => removal({ queryKey: ["/inbox"], gone: (row: Entry) => row.id === entry.id, told: t("Archived."), commit: () => api.post("/inbox/{entry_id}/archive", { path }) })}>
              <IconArchive size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
    </Box>
  );
}

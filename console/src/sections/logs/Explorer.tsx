import { Box, Button, Group, Stack } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useStream } from "~/kit/stream";
import { Details } from "./Details";
import { Facets } from "./Facets";
import { Histogram } from "./Histogram";
import { Lines } from "./Lines";
import { QueryBox } from "./QueryBox";
import { SavedSearches } from "./SavedSearches";
import { asked, span, type LogLine } from "./query";

const LIVE_KEEPS = 1000;
const PAGE = 500;

export function Explorer() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const live = filters.live === "1";
  const query = asked(filters);
  // The span moves on with the clock; it is fixed until something else is asked for.
  const within = useMemo(() => span(filters), [filters.from, filters.to, filters.range, filters.q, filters.live]);
  const list = useList("/logs", { ...query, ...within, limit: PAGE, order: "desc" }, { enabled: !live, still: true });
  const [tail, setTail] = useState<LogLine[]>([]);
  const connected = useStream("/logs/tail", query, ({ data }) => {
    const line = JSON.parse(data) as LogLine | LogLine[];
    setTail((before) => [...(Array.isArray(line) ? [...line].reverse() : [line]), ...before].slice(0, LIVE_KEEPS));
  }, live);
  const [opened, open] = useState<LogLine | null>(null);
  const shown = live ? { ...list, rows: tail, error: null, loading: false, hasMore: false } : list;
  return (
    <Stack gap="sm" h="100%" mih={420}>
      <Group gap="xs" wrap="nowrap">
        <QueryBox within={within} />
        <SavedSearches />
        {filters.from && <Button variant="light" onClick={() => change({ from: undefined, to: undefined })}>{t("Whole span")}</Button>}
      </Group>
      {!live && <Histogram query={query} within={within} onBrush={(from, to) => change({ from, to })} />}
      <Group align="stretch" gap="sm" wrap="nowrap" style={{ flex: 1 }} mih={0}>
        <Box visibleFrom="md" w={190} style={{ overflowY: "auto", flexShrink: 0 }}><Facets query={query} within={within} /></Box>
        <Lines list={shown} opened={opened?.id} onOpen={open} live={live ? connected : undefined} />
      </Group>
      <Details line={opened} onClose={() => open(null)} onOpen={open} />
    </Stack>
  );
}

import { Badge, Box, Center, Group, Text } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { dateTime, time } from "~/format";
import { Curl } from "~/kit/Curl";
import { More } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import type { List } from "~/kit/list";
import { LEVEL_COLORS, type LogLine } from "./query";
import classes from "./Lines.module.css";

// How many lines before the last one older ones are asked for.
const NEARLY = 100;

interface LinesProps {
  list: List<LogLine>;
  opened?: string;
  onOpen: (line: LogLine) => void;
  /** Whether the tail is connected; undefined when not live. */
  live?: boolean;
}

/** Log lines, newest first. Only those in view exist in the page, so a million of them scroll like fifty. */
export function Lines({ list, opened, onOpen, live }: LinesProps) {
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: list.rows.length, getScrollElement: () => area.current, estimateSize: () => 24, overscan: 20 });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (list.hasMore && !list.loadingMore && !list.failedMore && last >= list.rows.length - NEARLY) list.more();
  }, [last, list.rows.length, list.hasMore, list.loadingMore, list.failedMore]);

  if (list.error) return <Box style={{ flex: 1 }}><ProblemAlert error={list.error} retry={list.reload} /></Box>;
  return (
    <Box className={`surface ${classes.area}`} ref={area} data-lines={list.rows.length} tabIndex={0} role="region" aria-label={t("Log lines")}>
      {live !== undefined && (
        <Group className={classes.live} gap="xs">
          <Badge color={live ? "teal" : "yellow"} variant="dot">{live ? t("Live") : t("Connecting")}</Badge>
          <Text size="xs" c="dimmed">{t("{{count}} lines", { count: list.rows.length })}</Text>
        </Group>
      )}
      {list.loading && <Box p="md"><Loading rows={12} /></Box>}
      {!list.loading && !list.rows.length && (live === undefined ? <NoLines /> : <Center p="xl"><Text size="sm" c="dimmed">{t("Waiting for the next line …")}</Text></Center>)}
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const line = list.rows[item.index]!;
          return (
            <button key={line.id} type="button" className={classes.line} data-selected={line.id === opened || undefined}
              style={{ transform: `translateY(${item.start}px)` }} onClick={() => onOpen(line)}>
              <i style={{ background: LEVEL_COLORS[line.level] }} aria-hidden />
              <time dateTime={line.timestamp} title={dateTime(line.timestamp)}>{time(line.timestamp)}</time>
              <b>{line.level}</b>
              <em>{line.service}</em>
              <span>{line.message || line.raw}</span>
            </button>
          );
        })}
      </div>
      {(list.loadingMore || list.failedMore) && <More list={list} />}
    </Box>
  );
}

function NoLines() {
  const { t } = useTranslation();
  return (
    <Empty icon={IconListSearch} title={t("No lines here")} hint={t("Nothing fits the query in this span of time. Send a line and it is searchable within a second:")}>
      <Curl path="/logs" scope="logs:write" body={{ service: "web", level: "info", message: "hello" }} />
    </Empty>
  );
}

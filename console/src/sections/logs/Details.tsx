import { Box, Button, Drawer, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { dateTime, time } from "~/format";
import { Copy } from "~/kit/Curl";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Facts, State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { withFilter, type LogLine } from "./query";

/** One line in full, its attributes as filters, and what was logged around it. */
export function Details({ line, onClose, onOpen }: { line: LogLine | null; onClose: () => void; onOpen: (line: LogLine) => void }) {
  const { t } = useTranslation();
  return (
    <Drawer opened={line !== null} onClose={onClose} position="right" size="lg" title={t("Log line")} closeButtonProps={{ "aria-label": t("Close") }}>
      {line && <Contents key={line.id} line={line} onOpen={onOpen} />}
    </Drawer>
  );
}

function Contents({ line, onOpen }: { line: LogLine; onOpen: (line: LogLine) => void }) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [wide, setWide] = useState(false);
  return (
    <Stack>
      <Group gap="xs"><State of={line.level} /><Text size="sm">{line.service}</Text><Text size="sm" c="dimmed">{dateTime(line.timestamp)}</Text></Group>
      <Group wrap="nowrap" align="flex-start" gap={4}>
        <Box component="pre" className="mono" m={0} p="sm" bg="var(--sunken)" tabIndex={0} style={{ flex: 1, whiteSpace: "pre-wrap", overflowWrap: "anywhere", borderRadius: 6 }}>{line.raw || line.message}</Box>
        <Copy value={line.raw || line.message} />
      </Group>
      <Facts of={Object.entries(line.attributes ?? {}).map(([name, value]) => [name, (
        <UnstyledButton className="mono" title={t("Narrow the search to this")} onClick={() => change({ q: withFilter(filters.q, name, String(value)) })}>
          {typeof value === "object" ? JSON.stringify(value) : String(value)}
        </UnstyledButton>
      )])} />
      {wide ? <Context line={line} onOpen={onOpen} /> : <Button variant="default" onClick={() => setWide(true)} w="fit-content">{t("Show what came before and after")}</Button>}
    </Stack>
  );
}

function Context({ line, onOpen }: { line: LogLine; onOpen: (line: LogLine) => void }) {
  const found = useQuery({ queryKey: ["/logs/context", line.id], queryFn: () => api.get("/logs/{line_id}/context", { path: { line_id: line.id } }) });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const { before, line: at, after } = found.data;
  const lines: LogLine[] = [...before, at, ...after];
  return (
    <Box className="surface" p={4}>
      {lines.map((near) => (
        <UnstyledButton key={near.id} display="block" w="100%" px={6} py={2} className="mono truncate" onClick={() => onOpen(near)}
          bg={near.id === line.id ? "var(--mantine-primary-color-light)" : undefined}>
          {time(near.timestamp)} {near.level} {near.message || near.raw}
        </UnstyledButton>
      ))}
    </Box>
  );
}

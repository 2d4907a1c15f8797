import { Box, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";

export interface Figure {
  label: string;
  value: ReactNode;
  note?: ReactNode;
}

/** A row of figures. */
export function Figures({ of }: { of: Figure[] }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: Math.min(4, of.length) }} spacing="sm">
      {of.map(({ label, value, note }) => (
        <Box key={label} className="surface" px="md" py="sm">
          <Text size="xs" c="dimmed">{label}</Text>
          <Text fz={20} fw={600} className="num" lh={1.3}>{value}</Text>
          {note && <Text size="xs" c="dimmed">{note}</Text>}
        </Box>
      ))}
    </SimpleGrid>
  );
}

/** Shares of a whole, longest first: referrers, devices, countries. */
export function Shares({ rows, empty }: { rows: { name: string; value: number }[]; empty: string }) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  if (!rows.length) return <Text size="sm" c="dimmed">{empty}</Text>;
  return rows.map(({ name, value }) => (
    <Box key={name} pos="relative" px={8} py={4} mb={3}>
      <Box pos="absolute" inset={0} w={`${(value / most) * 100}%`} bg="var(--mantine-primary-color-light)" style={{ borderRadius: 4 }} />
      <Box pos="relative" style={{ display: "flex", justifyContent: "space-between", gap: 12 }}>
        <Text size="sm" className="truncate">{name}</Text>
        <Text size="sm" className="num">{value}</Text>
      </Box>
    </Box>
  ));
}

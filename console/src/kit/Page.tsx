import { Box, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface PageProps {
  title: string;
  hint?: ReactNode;
  actions?: ReactNode;
  /** Fill the window's height instead of scrolling as a whole. */
  fill?: boolean;
  children: ReactNode;
}

/** Every page: its name, one sentence, its actions, its content. */
export function Page({ title, hint, actions, fill, children }: PageProps) {
  useDocumentTitle(`${title} · Septet`);
  return (
    <Stack gap="md" p={{ base: "sm", sm: "lg" }} h={fill ? "100%" : undefined} mih={0} maw={fill ? undefined : 1280} mx="auto">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box style={{ flex: "1 1 260px" }} miw={0}>
          <Title order={1}>{title}</Title>
          {hint && (
            <Text c="dimmed" size="sm" mt={2}>
              {hint}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** Where content is on its way. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" role="status" aria-label="…">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={22} radius="sm" width={`${96 - ((row * 17) % 30)}%`} />
      ))}
    </Stack>
  );
}

/** A titled box. */
export function Panel({ title, actions, children }: { title?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <Box className="surface" p="md" component="section">
      {(title || actions) && (
        <Group justify="space-between" mb="sm" gap="xs">
          {title && <Title order={2}>{title}</Title>}
          {actions}
        </Group>
      )}
      {children}
    </Box>
  );
}

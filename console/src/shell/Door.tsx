import { Box, Center, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

/** The frame of pages outside any organization: sign in, invitations, resets. */
export function Door({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Septet`);
  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--sunken)">
      <Stack w="100%" maw={380} gap="lg">
        <Group gap={10} justify="center">
          <img src="/console/icon.svg" width={28} height={28} alt="" />
          <Text fw={600} fz={18}>Septet</Text>
        </Group>
        <Box className="surface" p="lg">
          <Title order={1}>{title}</Title>
          {hint && <Text c="dimmed" size="sm" mt={4}>{hint}</Text>}
          <Box mt="md">{children}</Box>
        </Box>
      </Stack>
    </Center>
  );
}

import { Center, Stack, Text, ThemeIcon } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** Nothing here yet: what would be here, and the one form or command that fills it. */
export function Empty({ icon: Picture, title, hint, children }: { icon: Icon; title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap="sm" maw={660} w="100%">
        <ThemeIcon size={42} radius="xl" variant="light" aria-hidden>
          <Picture size={22} stroke={1.6} />
        </ThemeIcon>
        <Text fw={600} ta="center">{title}</Text>
        {hint && <Text c="dimmed" size="sm" ta="center" maw={460}>{hint}</Text>}
        {children}
      </Stack>
    </Center>
  );
}

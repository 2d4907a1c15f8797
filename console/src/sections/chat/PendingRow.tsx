import { Box, Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Markdown } from "~/kit/Markdown";
import type { Pending } from "./wire";
import classes from "./Chat.module.css";

/** Written, not yet stored. */
export function PendingRow({ pending, retry }: { pending: Pending; retry: () => void }) {
  const { t } = useTranslation();
  return (
    <Box className={classes.message} data-pending>
      <Box pl={38} c="dimmed" fz={13}>
        <Markdown text={pending.body} />
        {pending.failed
          ? <Group gap="xs"><Text size="xs" c="red">{pending.failed}</Text><Button size="compact-xs" variant="subtle" onClick={retry}>{t("Try again")}</Button></Group>
          : <Text size="xs">{t("Sending …")}</Text>}
      </Box>
    </Box>
  );
}

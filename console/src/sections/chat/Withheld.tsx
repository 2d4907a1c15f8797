import { Anchor, Box, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "~/kit/identity";
import { Link } from "~/link";

/** In place of what the plan's `chat.historyDays` keeps back; nothing of it is lost. */
export function Withheld({ count }: { count: number }) {
  const { t } = useTranslation();
  const owner = useMay("OWNER");
  return (
    <Box p="sm" mb="sm" bg="var(--sunken)" ta="center" style={{ borderRadius: 6 }} role="note" data-withheld={count}>
      <Text size="sm" fw={500}>{t("{{count}} older messages", { count })}</Text>
      <Text size="sm" c="dimmed">
        {t("They are kept, but further back than your plan shows.")} {owner && <Anchor component={Link} to="/billing" size="sm" underline="always">{t("See the plans")}</Anchor>}
      </Text>
    </Box>
  );
}

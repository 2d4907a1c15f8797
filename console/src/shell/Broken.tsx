import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "~/link";

/** A page that failed to load or to draw; after an update its old files are gone, and loading anew mends it. */
export function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <Center p="xl">
      <Stack align="center" gap="sm" role="alert">
        <Title order={1}>{t("This page could not be shown")}</Title>
        <Text c="dimmed" size="sm" ta="center">{error instanceof Error ? error.message : ""}</Text>
        <Button onClick={() => location.reload()}>{t("Load again")}</Button>
      </Stack>
    </Center>
  );
}

export function Missing() {
  const { t } = useTranslation();
  return (
    <Center p="xl">
      <Stack align="center" gap="sm">
        <Title order={1}>{t("There is no such page")}</Title>
        <Button component={Link} to="/" variant="default">{t("Home")}</Button>
      </Stack>
    </Center>
  );
}

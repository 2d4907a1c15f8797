import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Panel } from "~/kit/Page";
import type { BrandingForm } from "./brand";

/** Pieces of text or HTML that templates include by their name. */
export function Partials({ form }: { form: BrandingForm }) {
  const { t } = useTranslation();
  const add = () => form.insertListItem("partials", { key: "", source: "" });
  return (
    <Panel title={t("Partials")} actions={<Button variant="default" leftSection={<IconPlus size={14} />} onClick={add}>{t("New partial")}</Button>}>
      <Text size="sm" c="dimmed" mb="sm">{t("Pieces that templates include: {{example}}.", { example: "{>name}" })}</Text>
      <Stack gap="md">
        {form.values.partials.map(({ key }, index) => (
          <Stack key={index} gap={6}>
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <TextInput label={t("Name")} required placeholder="greeting" style={{ flex: 1 }} classNames={{ input: "mono" }} {...form.getInputProps(`partials.${index}.key`)} />
              <Button variant="subtle" color="red" onClick={() => form.removeListItem("partials", index)}>{t("Remove")}</Button>
            </Group>
            <Textarea aria-label={t("Source of {{name}}", { name: key || t("New partial") })} required autosize minRows={2} maxRows={10} classNames={{ input: "mono" }} {...form.getInputProps(`partials.${index}.source`)} />
          </Stack>
        ))}
      </Stack>
    </Panel>
  );
}

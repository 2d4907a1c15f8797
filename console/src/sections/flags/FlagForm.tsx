import { Checkbox, NumberInput, SimpleGrid, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import type { Feature } from "./Flags";

/** A flag of the organization: its two values, and for how many users it is on. */
export function FlagForm({ flag, opened, onClose }: { flag?: Feature; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { key: flag?.key ?? "", description: flag?.description ?? "", enabled: true, value: JSON.stringify(flag?.value ?? true), offValue: typeof (flag?.value ?? true) === "boolean" ? "false" : JSON.stringify(flag?.value), percentage: 100 },
    validate: { value: json(t), offValue: json(t) },
  });
  return (
    <FormDialog opened={opened} onClose={onClose} title={flag ? flag.key : t("New flag")} form={form} button={t("Save")} changes={[["/features"]]}
      submit={({ key, value, offValue, ...body }) => api.put("/features/{key}", { path: { key }, body: { ...body, value: JSON.parse(value), offValue: JSON.parse(offValue) } }) as Promise<unknown>}>
      {!flag && <TextInput label={t("Flag")} placeholder="new-checkout" required data-autofocus {...form.getInputProps("key")} />}
      <TextInput label={t("Description")} {...form.getInputProps("description")} />
      <SimpleGrid cols={2} spacing="sm">
        <TextInput label={t("Value when on")} description={t("JSON: true, 5, \"text\"")} classNames={{ input: "mono" }} {...form.getInputProps("value")} />
        <TextInput label={t("Value when off")} description={t("of the same type")} classNames={{ input: "mono" }} {...form.getInputProps("offValue")} />
      </SimpleGrid>
      <NumberInput label={t("On for percent of users")} min={0} max={100} {...form.getInputProps("percentage")} />
      <Checkbox label={t("On")} {...form.getInputProps("enabled", { type: "checkbox" })} />
    </FormDialog>
  );
}

function json(t: (text: string) => string) {
  return (text: string) => {
    try {
      JSON.parse(text);
      return null;
    } catch {
      return t("No valid JSON; text needs quotation marks.");
    }
  };
}

import { Select, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";

type Kind = "card" | "email" | "token" | "pattern";
const KINDS: [Kind, string][] = [["card", "Card numbers"], ["email", "E-mail addresses"], ["token", "Keys and tokens"], ["pattern", "A pattern of your own"]];

export function NewMask({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { name: "", kind: "card" as Kind, pattern: "", replacement: "" } });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New rule")} form={form} button={t("Create")} changes={[["/logs/masks"]]}
      submit={(values) => api.post("/logs/masks", { body: request(values) })}>
      <TextInput label={t("Name")} required data-autofocus {...form.getInputProps("name")} />
      <Select label={t("What is hidden")} allowDeselect={false} data={KINDS.map(([value, label]) => ({ value, label: t(label) }))} {...form.getInputProps("kind")} />
      {form.values.kind === "pattern" && (
        <TextInput label={t("Pattern")} description={t("A regular expression (RE2).")} placeholder="secret=[^&]+" required classNames={{ input: "mono" }} {...form.getInputProps("pattern")} />
      )}
      <TextInput label={t("Instead")} placeholder={t("chosen for you")} classNames={{ input: "mono" }} {...form.getInputProps("replacement")} />
      <Text size="sm" c="dimmed">{t("It holds for lines that arrive from now on; what is stored stays as it is.")}</Text>
    </FormDialog>
  );
}

function request({ name, kind, pattern, replacement }: { name: string; kind: Kind; pattern: string; replacement: string }): Schema<"MaskCreate"> {
  return { name, ...(kind === "pattern" ? { pattern } : { kind }), ...(replacement ? { replacement } : {}) };
}

import { MultiSelect, TextInput } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";

const SERVICES = ["tenancy", "chat", "notifications", "payments", "links", "logs", "limits"];
const SCOPES = ["*", ...SERVICES.flatMap((service) => [`${service}:read`, `${service}:write`]), "limits:check"];

export function NewKey({ opened, onClose, show }: { opened: boolean; onClose: () => void; show: (key: string) => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { name: "", scopes: [] as string[], expiresAt: null as string | null } });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New API key")} form={form} button={t("Create")} changes={[["/api-keys"]]}
      submit={({ expiresAt, ...body }) => api.post("/api-keys", { body: { ...body, ...(expiresAt ? { expiresAt: new Date(expiresAt).toISOString() } : {}) } })}
      done={(made) => show(made.key)}>
      <TextInput label={t("Name")} placeholder={t("Backend, staging")} required data-autofocus {...form.getInputProps("name")} />
      <MultiSelect label={t("Scopes")} required data={SCOPES} searchable description={t("As few as will do; * allows everything.")} {...form.getInputProps("scopes")} />
      <DateTimePicker label={t("Expires")} clearable placeholder={t("Never")} {...form.getInputProps("expiresAt")} />
    </FormDialog>
  );
}

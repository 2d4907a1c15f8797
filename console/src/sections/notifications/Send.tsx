import { MultiSelect, Select, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { useMe, usePeople } from "~/kit/identity";
import { useGo } from "~/link";

const CHANNELS = ["inApp", "email", "push", "webhook"];

export function Send({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const people = usePeople();
  const me = useMe().data?.user.id ?? "";
  const form = useForm({ initialValues: { userId: me, title: "", body: "", channels: ["inApp", "email"] } });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("Send a notification")} form={form} button={t("Send")} changes={[["/notifications"], ["/inbox"]]}
      submit={({ userId, title, body, channels }) => api.post("/notifications", { body: { content: { title, body }, to: { userId: userId || me }, channels } as Schema<"NotificationCreate"> }) as Promise<{ id: string }>}
      done={(sent) => go("/notifications", { tab: "deliveries", notification: sent.id })}>
      <Select label={t("To")} searchable allowDeselect={false} data={[...people].map(([value, { name }]) => ({ value, label: name }))} {...form.getInputProps("userId")} value={form.values.userId || me} />
      <TextInput label={t("Title")} required data-autofocus {...form.getInputProps("title")} />
      <Textarea label={t("Text")} autosize minRows={3} required {...form.getInputProps("body")} />
      <MultiSelect label={t("Channels")} required data={CHANNELS.map((value) => ({ value, label: t(value) }))} {...form.getInputProps("channels")} />
    </FormDialog>
  );
}

import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { chooseOrganization } from "~/api/session";
import { FormDialog } from "~/kit/FormDialog";
import { ME } from "~/kit/identity";
import { useGo } from "~/link";

export function NewOrganization({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const form = useForm({ initialValues: { name: "" } });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New organization")} form={form} changes={[ME]} button={t("Create")}
      submit={(values) => api.post("/organizations", { body: values })}
      done={(made) => (chooseOrganization(made.id), go("/"))}>
      <TextInput label={t("Name")} placeholder="Acme" required data-autofocus {...form.getInputProps("name")} />
    </FormDialog>
  );
}

import { Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { chooseOrganization } from "~/api/session";
import { FormDialog } from "~/kit/FormDialog";
import { ME } from "~/kit/identity";

interface Props {
  organization: { id: string; name: string };
  opened: boolean;
  onClose: () => void;
}

/** Whoever deletes an organization types its name first. */
export function DeleteOrganization({ organization, opened, onClose }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { name: "" },
    validate: { name: (value) => (value === organization.name ? null : t("Type {{name}} to confirm.", { name: organization.name })) },
  });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("Delete the organization")} form={form} danger button={t("Delete")} changes={[ME]}
      submit={() => api.delete("/organizations/{organization_id}", { path: { organization_id: organization.id } })}
      done={() => chooseOrganization(null)}>
      <Text size="sm">{t("Members lose access at once. Everything that belongs to it is deleted.")}</Text>
      <TextInput label={t("Name of the organization")} placeholder={organization.name} data-autofocus {...form.getInputProps("name")} />
    </FormDialog>
  );
}

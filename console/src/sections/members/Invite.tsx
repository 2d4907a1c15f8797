import { Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { useMay } from "~/kit/identity";

export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const mayMakeOwners = useMay("OWNER");
  const form = useForm({ initialValues: { email: "", role: "MEMBER" } });
  const roles = mayMakeOwners ? ["MEMBER", "ADMIN", "OWNER"] : ["MEMBER", "ADMIN"];
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("Invite somebody")} form={form} button={t("Invite")} changes={[["/invitations"]]}
      submit={(body) => api.post("/invitations", { body: body as Schema<"InvitationCreate"> })}
      done={(made) => notifications.show({ message: t("{{email}} was invited.", { email: made.email }) })}>
      <TextInput label={t("E-mail")} type="email" required data-autofocus {...form.getInputProps("email")} />
      <Select label={t("Role")} data={roles.map((role) => ({ value: role, label: t(role) }))} allowDeselect={false} {...form.getInputProps("role")}
        description={t("Members work, admins manage people and keys, owners also plans and the organization itself.")} />
    </FormDialog>
  );
}

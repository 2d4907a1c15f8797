import { Button, Group, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Answer } from "~/api/client";
import { asProblem } from "~/api/problem";
import { Loading, Page, Panel } from "~/kit/Page";
import { ProblemAlert, tellProblem } from "~/kit/Problems";
import { Facts, Identifier } from "~/kit/Values";
import { ME, useMay, useMembership } from "~/kit/identity";
import { DeleteOrganization } from "./DeleteOrganization";
import { date } from "~/format";

type Organization = Answer<"/organizations/{organization_id}", "get">;

export function Organization() {
  const { t } = useTranslation();
  const id = useMembership()?.organizationId ?? "";
  const found = useQuery({ queryKey: ["/organizations", id], queryFn: () => api.get("/organizations/{organization_id}", { path: { organization_id: id } }) });
  return (
    <Page title={t("Settings")} hint={t("Of the organization as a whole.")}>
      {found.error ? <ProblemAlert error={found.error} retry={() => void found.refetch()} /> : found.data ? <Settings organization={found.data} /> : <Loading />}
    </Page>
  );
}

function Settings({ organization }: { organization: Organization }) {
  const { t } = useTranslation();
  const owner = useMay("OWNER");
  const [deleting, { open, close }] = useDisclosure();
  const exporting = useMutation({
    mutationFn: () => api.post("/organizations/{organization_id}/export", { path: { organization_id: organization.id } }),
    onSuccess: () => notifications.show({ message: t("The export is being made; a mail tells when it is ready.") }),
    onError: tellProblem,
  });
  return (
    <>
      <Panel title={t("Name")}><Rename organization={organization} /></Panel>
      <Panel title={t("Facts")}>
        <Facts of={[
          [t("Id"), <Identifier value={organization.id} />],
          [t("Plan"), organization.plan],
          [t("Since"), date(organization.createdAt)],
        ]} />
      </Panel>
      {owner && (
        <Panel title={t("Data")}>
          <Group>
            <Button variant="default" loading={exporting.isPending} onClick={() => exporting.mutate()}>{t("Export everything")}</Button>
            <Button color="red" variant="light" onClick={open}>{t("Delete the organization")}</Button>
          </Group>
        </Panel>
      )}
      <DeleteOrganization organization={organization} opened={deleting} onClose={close} />
    </>
  );
}

function Rename({ organization }: { organization: Organization }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const may = useMay("ADMIN");
  const form = useForm({ initialValues: { name: organization.name, slug: organization.slug } });
  const saving = useMutation({
    mutationFn: (body: typeof form.values) => api.patch("/organizations/{organization_id}", { path: { organization_id: organization.id }, body }),
    onSuccess: () => {
      form.resetDirty();
      notifications.show({ message: t("Saved.") });
      return Promise.all([queries.invalidateQueries({ queryKey: ME }), queries.invalidateQueries({ queryKey: ["/organizations"] })]);
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      {saving.error && <ProblemAlert error={saving.error} />}
      <Group align="flex-start">
        <TextInput label={t("Name")} required disabled={!may} {...form.getInputProps("name")} />
        <TextInput label={t("Short name")} required disabled={!may} {...form.getInputProps("slug")} />
        <Button type="submit" mt={22} disabled={!may || !form.isDirty()} loading={saving.isPending}>{t("Save")}</Button>
      </Group>
    </form>
  );
}

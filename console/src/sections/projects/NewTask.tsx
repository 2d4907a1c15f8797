import { Group, Select, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { usePeople } from "~/kit/identity";
import { PRIORITIES, type Project } from "./task";

export function NewTask({ project, opened, onClose }: { project: Project; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const people = usePeople();
  const form = useForm({ initialValues: { title: "", description: "", status: project.statuses[0]?.key ?? "", priority: "none", assigneeId: null as string | null } });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New task in {{project}}", { project: project.name })} form={form} button={t("Create")} changes={[["/tasks"]]} size="lg"
      submit={({ assigneeId, description, ...values }) => api.post("/projects/{project_id}/tasks", {
        path: { project_id: project.id }, body: { ...values, ...(assigneeId ? { assigneeId } : {}), ...(description ? { description } : {}) } as Schema<"TaskCreate">,
      })}>
      <TextInput label={t("Title")} required data-autofocus {...form.getInputProps("title")} />
      <Textarea label={t("Description")} autosize minRows={3} placeholder="Markdown" {...form.getInputProps("description")} />
      <Group grow>
        <Select label={t("Status")} allowDeselect={false} data={project.statuses.map(({ key, name }) => ({ value: key, label: name }))} {...form.getInputProps("status")} />
        <Select label={t("Priority")} allowDeselect={false} data={PRIORITIES.map((value) => ({ value, label: t(`priority ${value}`) }))} {...form.getInputProps("priority")} />
        <Select label={t("Assignee")} clearable searchable data={[...people].map(([value, { name }]) => ({ value, label: name }))} {...form.getInputProps("assigneeId")} />
      </Group>
    </FormDialog>
  );
}

import { ActionIcon, Button, Group, Select, SimpleGrid, Stack, TagsInput, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Markdown } from "~/kit/Markdown";
import { Loading, Page, Panel } from "~/kit/Page";
import { ProblemAlert, tellProblem } from "~/kit/Problems";
import { useRemoval } from "~/kit/undo";
import { usePeople } from "~/kit/identity";
import { Link, useGo, useParam } from "~/link";
import { Comments } from "./Comments";
import { TaskActivity } from "./TaskActivity";
import { PRIORITIES, type Project, type Task } from "./task";

export function TaskPage() {
  const { t } = useTranslation();
  const id = useParam("taskId");
  const found = useQuery({ queryKey: ["/tasks", "one", id], queryFn: () => api.get("/tasks/{task_id}", { path: { task_id: id } }) as Promise<Task> });
  const task = found.data;
  if (found.error) return <Page title={t("Task")}><ProblemAlert error={found.error} retry={() => void found.refetch()} /></Page>;
  if (!task) return <Page title={t("Task")}><Loading /></Page>;
  return (
    <Page title={`${task.key} ${task.title}`} actions={<Acts task={task} />}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack><Description task={task} /><Comments taskId={task.id} /></Stack>
        <Stack><Fields task={task} /><TaskActivity taskId={task.id} /></Stack>
      </SimpleGrid>
    </Page>
  );
}

function Acts({ task }: { task: Task }) {
  const { t } = useTranslation();
  const go = useGo();
  const removal = useRemoval();
  const board = `/projects/${task.projectId}`;
  return (
    <>
      <Button component={Link} to={board} variant="default">{t("Board")}</Button>
      <Button variant="light" color="red"
        onClick={() => {
          removal({ queryKey: ["/tasks"], gone: (row: Task) => row.id === task.id, told: t("{{task}} was deleted.", { task: task.key }), commit: () => api.delete("/tasks/{task_id}", { path: { task_id: task.id } }) });
          go(board);
        }}>
        {t("Delete")}
      </Button>
    </>
  );
}

function useChange(task: Task) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<Task>) => api.patch("/tasks/{task_id}", { path: { task_id: task.id }, body: change }),
    onMutate: (change) => queries.setQueryData(["/tasks", "one", task.id], { ...task, ...change }),
    onError: tellProblem,
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["/tasks"] }), queries.invalidateQueries({ queryKey: ["/activity"] })]),
  });
}

function Description({ task }: { task: Task }) {
  const { t } = useTranslation();
  const change = useChange(task);
  const [text, edit] = useState<string | null>(null);
  const [title, setTitle] = useState(task.title);
  if (text === null) {
    return (
      <Panel title={t("Description")} actions={<Tooltip label={t("Edit")}><ActionIcon variant="subtle" color="gray" aria-label={t("Edit")} onClick={() => edit(task.description)}><IconPencil size={15} /></ActionIcon></Tooltip>}>
        <Markdown text={task.description || t("*No description yet.*")} />
      </Panel>
    );
  }
  return (
    <Panel title={t("Description")}>
      <Stack gap="sm">
        <TextInput label={t("Title")} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <Textarea label="Markdown" autosize minRows={5} autoFocus value={text} onChange={(event) => edit(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => edit(null)}>{t("Cancel")}</Button>
          <Button onClick={() => { change.mutate({ description: text, title }); edit(null); }}>{t("Save")}</Button>
        </Group>
      </Stack>
    </Panel>
  );
}

function Fields({ task }: { task: Task }) {
  const { t } = useTranslation();
  const people = usePeople();
  const change = useChange(task);
  const project = useQuery({ queryKey: ["/projects", task.projectId], queryFn: () => api.get("/projects/{project_id}", { path: { project_id: task.projectId } }) as Promise<Project> }).data;
  return (
    <Panel title={t("Facts")}>
      <SimpleGrid cols={2} spacing="sm">
        <Select label={t("Status")} allowDeselect={false} value={task.status} data={(project?.statuses ?? []).map(({ key, name }) => ({ value: key, label: name }))} onChange={(status) => status && change.mutate({ status })} />
        <Select label={t("Priority")} allowDeselect={false} value={task.priority} data={PRIORITIES.map((value) => ({ value, label: t(`priority ${value}`) }))} onChange={(priority) => priority && change.mutate({ priority: priority as Task["priority"] })} />
        <Select label={t("Assignee")} clearable searchable value={task.assigneeId} data={[...people].map(([value, { name }]) => ({ value, label: name }))} onChange={(assigneeId) => change.mutate({ assigneeId })} />
        <TextInput label={t("Due")} type="date" value={task.dueDate ?? ""} onChange={(event) => change.mutate({ dueDate: event.currentTarget.value || null })} />
      </SimpleGrid>
      <TagsInput mt="sm" label={t("Labels")} value={task.labels} onChange={(labels) => change.mutate({ labels })} />
    </Panel>
  );
}

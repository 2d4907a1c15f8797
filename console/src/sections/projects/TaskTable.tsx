import { Anchor, Button, Text } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { Ago } from "~/kit/Values";
import { usePeople } from "~/kit/identity";
import type { List } from "~/kit/list";
import { Link, useGo } from "~/link";
import type { Project, Task } from "./task";

export function TaskTable({ project, list, create }: { project: Project; list: List<Task>; create: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const people = usePeople();
  const statuses = new Map(project.statuses.map(({ key, name }) => [key, name]));
  return (
    <DataTable label={t("Tasks")} list={list} rowKey={(task) => task.id} onOpen={(task) => go(`/tasks/${task.id}`)}
      empty={<Empty icon={IconChecklist} title={t("No tasks")}><Button onClick={create}>{t("New task")}</Button></Empty>}
      columns={[
        { label: t("Key"), render: (task) => <Text className="mono" c="dimmed">{task.key}</Text>, width: 90 },
        { label: t("Title"), render: (task) => <Anchor component={Link} to={`/tasks/${task.id}`} size="sm">{task.title}</Anchor> },
        { label: t("Status"), render: (task) => statuses.get(task.status) ?? task.status, width: 120 },
        { label: t("Priority"), render: (task) => t(`priority ${task.priority}`), width: 100, wide: true },
        { label: t("Assignee"), render: (task) => people.get(task.assigneeId ?? "")?.name ?? "–", width: 150, wide: true },
        { label: t("Changed"), render: (task) => <Ago at={task.updatedAt} />, width: 110, wide: true },
      ]} />
  );
}

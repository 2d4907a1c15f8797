import { ActionIcon, Anchor, Avatar, Badge, Group, Text } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { usePeople } from "~/kit/identity";
import { Link } from "~/link";
import type { Task } from "./task";
import classes from "./Board.module.css";

const COLORS: Record<string, string> = { urgent: "red", high: "orange", medium: "yellow", low: "gray" };

export function Card({ task, handle }: { task: Task; handle?: object }) {
  const { t } = useTranslation();
  const people = usePeople();
  const assignee = people.get(task.assigneeId ?? "");
  return (
    <div className={classes.card}>
      <Group justify="space-between" wrap="nowrap" gap={4}>
        <Text className="mono" c="dimmed" fz={11}>{task.key}</Text>
        <ActionIcon component="span" variant="transparent" color="gray" size={24} my={-4} mr={-6} aria-label={t("Move {{task}}", { task: task.key })} {...handle}><IconGripVertical size={13} /></ActionIcon>
      </Group>
      <Anchor component={Link} to={`/tasks/${task.id}`} size="sm" c="var(--mantine-color-text)" draggable={false}>{task.title}</Anchor>
      {(task.priority !== "none" || task.labels.length > 0 || assignee) && (
        <Group justify="space-between" mt={6} gap={4}>
          <Group gap={4}>
            {task.priority !== "none" && <Badge color={COLORS[task.priority]}>{t(`priority ${task.priority}`)}</Badge>}
            {task.labels.slice(0, 2).map((label) => <Badge key={label} color="gray">{label}</Badge>)}
          </Group>
          {assignee && <Avatar name={assignee.name} color="initials" size={20} title={assignee.name} />}
        </Group>
      )}
    </div>
  );
}

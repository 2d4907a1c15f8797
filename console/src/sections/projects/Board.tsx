import { Box, Button, Group, Text } from "@mantine/core";
import {
  closestCorners, DndContext, DragOverlay, KeyboardSensor, PointerSensor, pointerWithin, useDroppable, useSensor, useSensors,
  type CollisionDetection, type DragEndEvent,
} from "@dnd-kit/core";
import { SortableContext, sortableKeyboardCoordinates, useSortable, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { tellProblem } from "~/kit/Problems";
import { Card } from "./Card";
import { moved, placeOf } from "./moving";
import type { Project, Status, Task } from "./task";
import classes from "./Board.module.css";

/** Columns of tasks to drag between, with the mouse, a finger or the keyboard (space, arrows, space). */
export function Board({ project, tasks, create }: { project: Project; tasks: Task[]; create: () => void }) {
  const queries = useQueryClient();
  const [dragged, drag] = useState<string | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const moving = useMutation({
    mutationFn: ({ id, ...place }: ReturnType<typeof placeOf> & { id: string }) => api.post("/tasks/{task_id}/move", { path: { task_id: id }, body: place }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/tasks"] }),
  });
  function end({ active, over }: DragEndEvent) {
    drag(null);
    if (!over || over.id === active.id) return;
    const order = moved(tasks, String(active.id), String(over.id));
    const pages = (data: any) => data?.pages && { ...data, pages: [{ ...data.pages[0], data: order }, ...data.pages.slice(1).map((page: any) => ({ ...page, data: [] }))] };
    queries.setQueriesData({ queryKey: ["/tasks", project.id] }, pages);
    moving.mutate({ id: String(active.id), ...placeOf(order, String(active.id)) });
  }
  const lifted = tasks.find((task) => task.id === dragged);
  return (
    <DndContext sensors={sensors} collisionDetection={target} onDragStart={({ active }) => drag(String(active.id))} onDragEnd={end} onDragCancel={() => drag(null)}>
      <Box className={classes.board} tabIndex={0} role="region" aria-label={project.name}>
        {project.statuses.map((status, index) => (
          <Column key={status.key} status={status} tasks={tasks.filter((task) => task.status === status.key)} create={index === 0 ? create : undefined} />
        ))}
      </Box>
      <DragOverlay>{lifted && <Card task={lifted} />}</DragOverlay>
    </DndContext>
  );
}

/** What the pointer is over, a card rather than the column around it; with the keyboard, what is nearest. */
const target: CollisionDetection = (dragging) => {
  const under = pointerWithin(dragging);
  const card = under.find(({ id }) => !String(id).startsWith("status:"));
  if (card) return [card];
  return under.length ? under : closestCorners(dragging);
};

function Column({ status, tasks, create }: { status: Status; tasks: Task[]; create?: () => void }) {
  const { t } = useTranslation();
  const { setNodeRef, isOver } = useDroppable({ id: `status:${status.key}` });
  return (
    <Box className={classes.column} component="section" aria-label={status.name}>
      <Group justify="space-between" px={4} pb={6}><Text size="sm" fw={600}>{status.name}</Text><Text size="xs" c="dimmed" className="num">{tasks.length}</Text></Group>
      <Box ref={setNodeRef} className={classes.cards} data-over={isOver || undefined}>
        <SortableContext items={tasks.map((task) => task.id)} strategy={verticalListSortingStrategy}>
          {tasks.map((task) => <Sortable key={task.id} task={task} />)}
        </SortableContext>
        {create && <Button variant="subtle" color="gray" fullWidth justify="flex-start" onClick={create}>+ {t("New task")}</Button>}
      </Box>
    </Box>
  );
}

function Sortable({ task }: { task: Task }) {
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({ id: task.id });
  const { role, tabIndex, ...described } = attributes;
  return (
    <div ref={setNodeRef} style={{ transform: CSS.Translate.toString(transform), transition, opacity: isDragging ? 0.35 : 1 }} {...listeners}>
      <Card task={task} handle={{ ...described, role, tabIndex }} />
    </div>
  );
}

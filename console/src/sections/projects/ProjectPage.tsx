import { Button, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { FilterBar } from "~/kit/FilterBar";
import { Loading, Page } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { usePeople } from "~/kit/identity";
import { useList } from "~/kit/list";
import { useParam } from "~/link";
import { Board } from "./Board";
import { NewTask } from "./NewTask";
import { TaskTable } from "./TaskTable";
import { PRIORITIES, type Project } from "./task";

/** A project's tasks, as board or list. */
export function ProjectPage() {
  const { t } = useTranslation();
  const id = useParam("projectId");
  const people = usePeople();
  const [filters, change] = useFilters();
  const [creating, open, close] = useCreating();
  const found = useQuery({ queryKey: ["/projects", id], queryFn: () => api.get("/projects/{project_id}", { path: { project_id: id } }) as Promise<Project> });
  const asked = useList("/projects/{project_id}/tasks", { limit: 200, q: filters.q, assigneeId: filters.assignee, priority: filters.priority }, { path: { project_id: id }, key: ["/tasks", id, filters.q, filters.assignee, filters.priority] });
  const list = { ...asked, narrowed: !!(filters.q || filters.assignee || filters.priority) };
  const project = found.data;
  if (found.error) return <Page title={t("Project")}><ProblemAlert error={found.error} retry={() => void found.refetch()} /></Page>;
  if (!project) return <Page title={t("Project")}><Loading /></Page>;
  const asList = filters.view === "list";
  return (
    <Page title={project.name} hint={project.key} fill={!asList}
      actions={
        <>
          <SegmentedControl aria-label={t("View")} value={asList ? "list" : "board"} data={[{ value: "board", label: t("Board") }, { value: "list", label: t("List") }]}
            onChange={(view) => change({ view: view === "board" ? undefined : view })} />
          <Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New task")}</Button>
        </>
      }>
      <FilterBar search={t("Search tasks")}
        choices={[
          { name: "assignee", label: t("Assignee"), options: [...people].map(([value, { name }]) => ({ value, label: name })) },
          ...(asList ? [{ name: "priority", label: t("Priority"), options: PRIORITIES.map((value) => ({ value, label: t(`priority ${value}`) })) }] : []),
        ]} />
      {list.error ? <ProblemAlert error={list.error} retry={list.reload} />
        : asList ? <TaskTable project={project} list={list} create={open} />
        : list.loading ? <Loading /> : <Board project={project} tasks={list.rows} create={open} />}
      <NewTask project={project} opened={creating} onClose={close} />
    </Page>
  );
}

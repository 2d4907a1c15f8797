import { Anchor, Button, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconLayoutKanban, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { FormDialog } from "~/kit/FormDialog";
import { Page } from "~/kit/Page";
import { Ago } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { Link, useGo } from "~/link";
import type { Project } from "./task";

export function Projects() {
  const { t } = useTranslation();
  const go = useGo();
  const [creating, open, close] = useCreating();
  const list = useSearched(useList("/projects", { limit: 200 }), { text: ({ key, name }) => `${key} ${name}` });
  const form = useForm({ initialValues: { name: "", key: "" } });
  return (
    <Page title={t("Projects")} hint={t("What your team works on.")} actions={<Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New project")}</Button>}>
      <FilterBar search={t("Search projects")} />
      <DataTable label={t("Projects")} list={list} rowKey={(project) => project.id} onOpen={(project) => go(`/projects/${project.id}`)}
        empty={
          <Empty icon={IconLayoutKanban} title={t("No projects yet")} hint={t("A project has a board of tasks, each with a number such as OPS-42.")}>
            <Button onClick={open}>{t("New project")}</Button>
            <Curl path="/projects" scope="tenancy:write" body={{ name: "Operations", key: "OPS" }} />
          </Empty>
        }
        columns={[
          { label: t("Key"), render: (project) => <Text className="mono">{project.key}</Text>, width: 90 },
          { label: t("Name"), render: (project) => <Anchor component={Link} to={`/projects/${project.id}`} size="sm" fw={500}>{project.name}</Anchor> },
          { label: t("Created"), render: (project) => <Ago at={project.createdAt} />, width: 120, wide: true },
        ]} />
      <FormDialog opened={creating} onClose={close} title={t("New project")} form={form} button={t("Create")} changes={[["/projects"]]}
        submit={({ name, key }) => api.post("/projects", { body: { name, ...(key ? { key: key.toUpperCase() } : {}) } }) as Promise<Project>} done={(made) => go(`/projects/${made.id}`)}>
        <TextInput label={t("Name")} placeholder="Operations" required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("Key")} placeholder={t("made from the name")} {...form.getInputProps("key")} />
      </FormDialog>
    </Page>
  );
}

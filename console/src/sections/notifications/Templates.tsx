import { Anchor, Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconTemplate } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { FormDialog } from "~/kit/FormDialog";
import { State } from "~/kit/Values";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { Link, useGo } from "~/link";
import { locales, NEW_TEMPLATE, templateBody, type Template } from "./template";

export function Templates() {
  const { t } = useTranslation();
  const go = useGo();
  const [creating, { open, close }] = useDisclosure();
  const list = useSearched(useList("/templates", { limit: 200 }), { text: (template) => [template.key, template.category, ...locales(template)].join(" ") });
  const form = useForm({ initialValues: { key: "", category: "general" } });
  const address = (key: string) => `/notifications/templates/${encodeURIComponent(key)}`;
  return (
    <>
      <FilterBar search={t("Search templates")}>
        <Button variant="default" ml="auto" leftSection={<IconPlus size={14} />} onClick={open}>{t("New template")}</Button>
      </FilterBar>
      <DataTable label={t("Templates")} list={list} rowKey={(template) => template.key} onOpen={(template) => go(address(template.key))}
        empty={<Empty icon={IconTemplate} title={t("No templates yet")} hint={t("A template says one thing in every channel and language.")}><Button onClick={open}>{t("New template")}</Button></Empty>}
        columns={[
          { label: t("Key"), render: (template) => <Anchor component={Link} to={address(template.key)} size="sm" className="mono">{template.key}</Anchor> },
          { label: t("Category"), render: (template) => template.category, wide: true },
          { label: t("Languages"), render: (template) => locales(template).join(", ") },
          { label: t("State"), render: (template) => <State of={template.system ? "built in" : template.publishedVersion ? "published" : "draft"} />, width: 110 },
        ]} />
      <FormDialog opened={creating} onClose={close} title={t("New template")} form={form} button={t("Create")} changes={[["/templates"]]}
        submit={(values) => api.post("/templates", { body: templateBody({ ...NEW_TEMPLATE, ...values }) as Schema<"TemplateCreate"> }) as Promise<Template>} done={(made) => go(address(made.key))}>
        <TextInput label={t("Key")} placeholder="order.shipped" required data-autofocus {...form.getInputProps("key")} />
        <TextInput label={t("Category")} required {...form.getInputProps("category")} />
      </FormDialog>
    </>
  );
}

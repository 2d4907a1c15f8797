import { Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { queryText, savedQuery } from "./query";

/** An alert on the explorer's query, on a saved search, or on what is typed here. */
export function NewAlert({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [filters] = useFilters();
  const saved = useList("/logs/searches", { limit: 200 }, { enabled: opened }).rows;
  const form = useForm({ initialValues: { name: "", q: filters.q ?? "level:error", threshold: 10, windowSeconds: 300 } });
  function take(id: string | null) {
    const search = saved.find((one) => one.id === id);
    if (search) form.setValues({ name: form.values.name || search.name, q: queryText(search.query) });
  }
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New alert")} form={form} button={t("Create")} changes={[["/logs/alerts"]]}
      submit={({ q, ...body }) => api.post("/logs/alerts", { body: { ...body, query: savedQuery(q) } as Schema<"AlertCreate"> })}>
      {saved.length > 0 && <Select label={t("Saved search")} placeholder={t("or write a query below")} data={saved.map(({ id, name }) => ({ value: id, label: name }))} onChange={take} />}
      <TextInput label={t("Name")} required data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("Query")} classNames={{ input: "mono" }} {...form.getInputProps("q")} />
      <Group grow align="flex-start">
        <NumberInput label={t("More lines than")} min={0} required {...form.getInputProps("threshold")} />
        <NumberInput label={t("Within seconds")} min={60} required {...form.getInputProps("windowSeconds")} />
      </Group>
    </FormDialog>
  );
}

import { Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconBellRinging, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FormDialog } from "~/kit/FormDialog";
import { Ago, State } from "~/kit/Values";
import { useList } from "~/kit/list";
import { queryText, savedQuery } from "./query";

export function Alerts() {
  const { t } = useTranslation();
  const [creating, { open, close }] = useDisclosure();
  const list = useList("/logs/alerts", {}, { every: 10_000 });
  const form = useForm({ initialValues: { name: "", q: "level:error", threshold: 10, windowSeconds: 300 } });
  return (
    <Stack>
      <Group justify="flex-end"><Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New alert")}</Button></Group>
      <DataTable label={t("Alerts")} list={list} rowKey={(alert) => alert.id}
        empty={<Empty icon={IconBellRinging} title={t("No alerts yet")} hint={t("An alert tells you when more lines fit a query than you want.")}><Button onClick={open}>{t("New alert")}</Button></Empty>}
        columns={[
          { label: t("Name"), render: (alert) => <Text size="sm" fw={500}>{alert.name}</Text> },
          { label: t("Query"), render: (alert) => <Text className="mono">{queryText(alert.query)}</Text>, wide: true },
          { label: t("More than"), render: (alert) => t("{{threshold}} in {{seconds}} s", { threshold: alert.threshold, seconds: alert.windowSeconds }), width: 150 },
          { label: t("State"), render: (alert) => <State of={alert.state} />, width: 100 },
          { label: t("Last fired"), render: (alert) => <Ago at={alert.firedAt} />, width: 120, wide: true },
        ]} />
      <FormDialog opened={creating} onClose={close} title={t("New alert")} form={form} button={t("Create")} changes={[["/logs/alerts"]]}
        submit={({ q, ...body }) => api.post("/logs/alerts", { body: { ...body, query: savedQuery(q) } as Schema<"AlertCreate"> })}>
        <TextInput label={t("Name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("Query")} classNames={{ input: "mono" }} {...form.getInputProps("q")} />
        <Group grow align="flex-start">
          <NumberInput label={t("More lines than")} min={0} required {...form.getInputProps("threshold")} />
          <NumberInput label={t("Within seconds")} min={60} required {...form.getInputProps("windowSeconds")} />
        </Group>
      </FormDialog>
    </Stack>
  );
}

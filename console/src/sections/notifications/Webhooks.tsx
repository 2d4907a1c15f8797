import { Button, Group, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { FormDialog } from "~/kit/FormDialog";
import { tellProblem } from "~/kit/Problems";
import { State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { RemoveButton } from "~/kit/undo";
import { Shown } from "~/sections/keys/Shown";
import { WebhookLog } from "./WebhookLog";

export interface Endpoint {
  id: string;
  url: string;
  events: string[];
  enabled: boolean;
  disabledReason: string | null;
}

export function Webhooks() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [creating, { open, close }] = useDisclosure();
  const [secret, show] = useState<string | null>(null);
  const list = useSearched(useList("/webhook-endpoints", { limit: 200 }), { text: ({ url, description, events }) => [url, description, ...events].join(" ") });
  const types = useQuery({ queryKey: ["/event-types"], queryFn: () => api.get("/event-types"), enabled: creating, retry: false });
  const form = useForm({ initialValues: { url: "", events: ["*"], description: "" } });
  return (
    <>
      <FilterBar search={t("Search by address or event")}>
        <Button variant="default" ml="auto" leftSection={<IconPlus size={14} />} onClick={open}>{t("New endpoint")}</Button>
      </FilterBar>
      <DataTable label={t("Webhook endpoints")} list={list} rowKey={(endpoint) => endpoint.id} onOpen={(endpoint) => change({ endpoint: endpoint.id })} selected={filters.endpoint}
        empty={
          <Empty icon={IconWebhook} title={t("No endpoints yet")} hint={t("Your program is told of every event, signed and retried for three days.")}>
            <Curl path="/webhook-endpoints" scope="notifications:write" body={{ url: "https://example.com/hooks", events: ["*"] }} />
          </Empty>
        }
        columns={[
          { label: t("Address"), render: (endpoint) => <Text size="sm" className="truncate" maw={420}>{endpoint.url}</Text> },
          { label: t("Events"), render: (endpoint) => <Text className="mono" c="dimmed">{endpoint.events.join(" ")}</Text>, wide: true },
          { label: t("State"), render: (endpoint) => <Enabled endpoint={endpoint} />, width: 170 },
          { label: "", render: (endpoint) => <Remove endpoint={endpoint} />, width: 90, align: "right", wide: true },
        ]} />
      <FormDialog opened={creating} onClose={close} title={t("New endpoint")} form={form} button={t("Create")} changes={[["/webhook-endpoints"]]}
        submit={(body) => api.post("/webhook-endpoints", { body: body }) as Promise<{ secret: string }>} done={(made) => show(made.secret)}>
        <TextInput label={t("Address")} type="url" placeholder="https://example.com/hooks" required data-autofocus {...form.getInputProps("url")} />
        <TagsInput label={t("Events")} data={["*", ...((types.data as any)?.data ?? []).map((known: { type: string }) => known.type)]} {...form.getInputProps("events")} />
        <TextInput label={t("Description")} {...form.getInputProps("description")} />
      </FormDialog>
      <Shown value={secret} onClose={() => show(null)} />
      <WebhookLog endpointId={filters.endpoint} onClose={() => change({ endpoint: undefined, delivery: undefined })} />
    </>
  );
}

function Enabled({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: (enabled: boolean) => api.patch("/webhook-endpoints/{endpoint_id}", { path: { endpoint_id: endpoint.id }, body: { enabled } }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/webhook-endpoints"] }),
  });
  return (
    <Group gap="xs" wrap="nowrap">
      <Switch aria-label={t("{{name}} is on", { name: endpoint.url })} checked={endpoint.enabled} onChange={(event) => saving.mutate(event.currentTarget.checked)} />
      {endpoint.disabledReason && <State of="disabled" label={endpoint.disabledReason} />}
    </Group>
  );
}

function Remove({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  return (
    <RemoveButton queryKey={["/webhook-endpoints"]} gone={(row: Endpoint) => row.id === endpoint.id} told={t("The endpoint was deleted.")}
      commit={() => api.delete("/webhook-endpoints/{endpoint_id}", { path: { endpoint_id: endpoint.id } })}>
      {t("Delete")}
    </RemoveButton>
  );
}

import { Button, Drawer, Stack, Text } from "@mantine/core";
import { IconWebhook } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { tellProblem } from "~/kit/Problems";
import { Ago, State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";

const STATUSES = ["queued", "delivered", "failed"];

type Delivery = Schema<"WebhookDeliveryOut">;

/** What an endpoint was sent, with a button to send it again. */
export function WebhookLog({ endpointId, onClose }: { endpointId?: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer opened={!!endpointId} onClose={onClose} position="right" size="xl" title={t("Deliveries")} closeButtonProps={{ "aria-label": t("Close") }}>
      {endpointId && <Log endpointId={endpointId} />}
    </Drawer>
  );
}

function Log({ endpointId }: { endpointId: string }) {
  const { t } = useTranslation();
  const [{ delivery: status }] = useFilters();
  const list = useList("/webhook-endpoints/{endpoint_id}/deliveries", { status }, { path: { endpoint_id: endpointId }, every: 3000 });
  return (
    <Stack>
      <FilterBar name="delivery" choices={[{ name: "delivery", label: t("State"), options: STATUSES.map((value) => ({ value, label: t(value) })) }]} />
      <DataTable label={t("Deliveries")} list={{ ...list, narrowed: !!status }} rowKey={(delivery) => delivery.id} empty={<Empty icon={IconWebhook} title={t("Nothing was sent here yet")} />}
        columns={[
          { label: t("When"), render: (delivery) => <Ago at={delivery.createdAt} />, width: 110 },
          { label: t("Event"), render: (delivery) => <Text className="mono">{delivery.eventType}</Text> },
          { label: t("State"), render: (delivery) => <State of={delivery.status} />, width: 90 },
          { label: t("Answer"), render: (delivery) => answerOf(delivery), width: 130, wide: true },
          { label: t("Attempts"), render: (delivery) => delivery.log.length, align: "right", width: 80 },
          { label: "", render: (delivery) => <Replay delivery={delivery} />, width: 100, align: "right" },
        ]} />
    </Stack>
  );
}

function Replay({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => api.post("/webhook-deliveries/{delivery_id}/retry", { path: { delivery_id: delivery.id } }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries(),
  });
  return <Button variant="subtle" loading={again.isPending} onClick={() => again.mutate()}>{t("Send again")}</Button>;
}

/** What the endpoint said to the last attempt, or why there was no answer. */
function answerOf({ log }: Delivery): string {
  const last = log.at(-1);
  return last ? String(last.status ?? last.error ?? "–") : "–";
}

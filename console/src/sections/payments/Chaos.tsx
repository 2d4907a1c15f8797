import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconFlame } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { Panel } from "~/kit/Page";
import { ProblemAlert, tellProblem } from "~/kit/Problems";
import { wholeList } from "~/kit/list";

const KINDS = [
  "latency", "timeout_after_success", "error_before_commit", "error_after_commit", "rate_limited", "connection_reset",
  "webhook_delayed", "webhook_duplicated", "webhook_reordered", "webhook_dropped", "webhook_bad_signature", "webhook_altered",
];
const OPERATIONS = ["*", "payment_intents.create", "payment_intents.confirm", "payment_intents.capture", "refunds.create"];
const FAULTS = "/payments/simulator/faults";

/** Faults of the fake provider: what goes wrong on purpose, so that one sees that nothing is lost. */
export function Chaos() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { operation: "payment_intents.confirm", kind: "timeout_after_success", next: 1, delayMs: 0 } });
  const found = useQuery({ queryKey: [FAULTS], queryFn: () => api.get(FAULTS), refetchInterval: 3000 });
  const changed = () => queries.invalidateQueries({ queryKey: [FAULTS] });
  const adding = useMutation({ mutationFn: ({ delayMs, ...fault }: typeof form.values) => api.post(FAULTS, { body: { ...fault, ...(delayMs ? { delayMs } : {}) } as Schema<"FaultWanted"> }), onSuccess: changed });
  const clearing = useMutation({ mutationFn: () => api.delete(FAULTS), onSuccess: changed, onError: tellProblem });
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title={t("Break something")}>
        <form onSubmit={form.onSubmit((values) => adding.mutate(values))}>
          <Stack gap="sm">
            {adding.error && <ProblemAlert error={adding.error} />}
            <Select label={t("Operation")} data={OPERATIONS} allowDeselect={false} {...form.getInputProps("operation")} />
            <Select label={t("Fault")} data={KINDS} searchable allowDeselect={false} {...form.getInputProps("kind")} />
            <Group grow>
              <NumberInput label={t("The next … times")} min={1} {...form.getInputProps("next")} />
              <NumberInput label={t("Delay in ms")} min={0} {...form.getInputProps("delayMs")} />
            </Group>
            <Group justify="flex-end"><Button type="submit" color="red" variant="light" leftSection={<IconFlame size={14} />} loading={adding.isPending}>{t("Inject")}</Button></Group>
          </Stack>
        </form>
      </Panel>
      <Panel title={t("Faults in force")} actions={<Button variant="default" loading={clearing.isPending} onClick={() => clearing.mutate()}>{t("Clear all")}</Button>}>
        {found.error && !found.data ? <ProblemAlert error={found.error} retry={() => void found.refetch()} /> : (
          <DataTable label={t("Faults in force")} rowKey={(fault) => fault.id}
            list={wholeList(found.data?.data)}
            empty={<Empty icon={IconFlame} title={t("Everything works")} hint={t("Inject a fault, then confirm a payment and watch it recover.")} />}
            columns={[
              { label: t("Operation"), render: (fault) => <Text className="mono">{fault.operation}</Text> },
              { label: t("Fault"), render: (fault) => <Text className="mono">{fault.kind}</Text> },
              { label: t("Left"), render: (fault) => fault.next ?? fault.probability ?? "∞", align: "right", width: 60 },
            ]} />
        )}
      </Panel>
    </SimpleGrid>
  );
}

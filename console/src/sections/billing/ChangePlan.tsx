import { Group, NumberInput, SegmentedControl, Select, Skeleton, Table, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { date, money } from "~/format";
import { FormDialog } from "~/kit/FormDialog";
import { ProblemAlert } from "~/kit/Problems";
import type { Plan, Quote, Subscription } from "./plan";

interface ChangePlanProps {
  billing: Subscription;
  plans: Plan[];
  first: string;
  onClose: () => void;
}

/** Another plan, term or number of seats. What it costs is shown before it is done, to the cent. */
export function ChangePlan({ billing, plans, first, onClose }: ChangePlanProps) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { plan: first, seats: Math.max(1, billing.seats.used), interval: billing.interval ?? "month" } });
  return (
    <FormDialog opened onClose={onClose} title={t("Change the plan")} form={form} size="lg" button={t("Change the plan")} changes={[["/billing"], ["/features"]]}
      submit={(body) => api.post("/billing/change", { body: body as Schema<"BillingChange"> }) as Promise<unknown>} done={() => notifications.show({ message: t("The plan is changed.") })}>
      <Group align="flex-end">
        <Select label={t("Plan")} allowDeselect={false} data={plans.map((plan) => plan.key)} {...form.getInputProps("plan")} />
        <NumberInput label={t("Seats")} min={1} w={100} {...form.getInputProps("seats")} />
        <SegmentedControl aria-label={t("Term")} data={[{ value: "month", label: t("Monthly") }, { value: "year", label: t("Yearly") }]} {...form.getInputProps("interval")} />
      </Group>
      <Preview wanted={form.values} />
    </FormDialog>
  );
}

function Preview({ wanted }: { wanted: object }) {
  const { t } = useTranslation();
  const [body] = useDebouncedValue(wanted, 250);
  const found = useQuery({
    queryKey: ["/billing/preview", body],
    queryFn: () => api.post("/billing/preview", { body: body as Schema<"BillingChange"> }) as Promise<Quote>,
    placeholderData: (before) => before,
  });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  const quote = found.data;
  if (!quote) return <Skeleton height={90} />;
  return (
    <>
      <Table aria-label={t("What it costs")}>
        <Table.Tbody>
          {quote.lines.map((line, index) => (
            <Table.Tr key={index}><Table.Td>{line.description}</Table.Td><Table.Td ta="right" className="num">{money(line.amount, quote.currency)}</Table.Td></Table.Tr>
          ))}
          {!!quote.creditUsed && <Table.Tr><Table.Td>{t("Credit")}</Table.Td><Table.Td ta="right" className="num">{money(-quote.creditUsed, quote.currency)}</Table.Td></Table.Tr>}
        </Table.Tbody>
        <Table.Tfoot><Table.Tr><Table.Th>{t("To pay now")}</Table.Th><Table.Th ta="right" className="num">{money(quote.amountDue ?? quote.total, quote.currency)}</Table.Th></Table.Tr></Table.Tfoot>
      </Table>
      <Text size="sm" c="dimmed">{quote.immediate === false ? t("It takes effect on {{date}}.", { date: date(quote.effectiveAt) }) : t("It takes effect at once.")}</Text>
    </>
  );
}

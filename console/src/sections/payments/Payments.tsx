import { Anchor, Button, Stack, Tabs } from "@mantine/core";
import { IconCreditCard, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { money } from "~/format";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Page } from "~/kit/Page";
import { Ago, State } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { Link, useGo } from "~/link";
import { Chaos } from "./Chaos";
import { NewPayment } from "./NewPayment";
import { Reconciliation } from "./Reconciliation";

const STATUSES = ["PENDING", "SUCCESS", "FAILED", "REFUNDED"];

export function Payments() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [creating, open, close] = useCreating();
  return (
    <Page title={t("Payments")} hint={t("Of your organization, taken through the provider and booked twice.")}
      actions={<Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New payment")}</Button>}>
      <Tabs value={filters.tab ?? "payments"} keepMounted={false} onChange={(tab) => change({ tab: tab === "payments" ? undefined : (tab ?? undefined), q: undefined, status: undefined })}>
        <Tabs.List>
          <Tabs.Tab value="payments">{t("Payments")}</Tabs.Tab>
          <Tabs.Tab value="reconciliation">{t("Reconciliation")}</Tabs.Tab>
          <Tabs.Tab value="chaos">{t("Provider")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="payments" pt="md"><All create={open} /></Tabs.Panel>
        <Tabs.Panel value="reconciliation" pt="md"><Reconciliation /></Tabs.Panel>
        <Tabs.Panel value="chaos" pt="md"><Chaos /></Tabs.Panel>
      </Tabs>
      <NewPayment opened={creating} onClose={close} />
    </Page>
  );
}

function All({ create }: { create: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const [filters] = useFilters();
  const list = useList("/payments", { status: filters.status, orderId: filters.q }, { every: 5000 });
  return (
    <Stack>
      <FilterBar search={t("Search by order")} choices={[{ name: "status", label: t("State"), options: STATUSES.map((value) => ({ value, label: t(value) })) }]} />
      <DataTable label={t("Payments")} list={{ ...list, narrowed: !!(filters.q || filters.status) }} rowKey={(payment) => payment.id} onOpen={(payment) => go(`/payments/${payment.id}`)}
        empty={
          <Empty icon={IconCreditCard} title={t("No payments yet")} hint={t("No money moves: the provider is a fake that speaks Stripe's API.")}>
            <Button onClick={create}>{t("New payment")}</Button>
            <Curl path="/payments" scope="payments:write" body={{ orderId: "order-1", amount: 4200, currency: "EUR" }} />
          </Empty>
        }
        columns={[
          { label: t("Order"), render: (payment) => <Anchor component={Link} to={`/payments/${payment.id}`} size="sm" fw={500}>{payment.orderId}</Anchor> },
          { label: t("Amount"), render: (payment) => money(payment.amount, payment.currency), align: "right", width: 130 },
          { label: t("State"), render: (payment) => <State of={payment.status} />, width: 120 },
          { label: t("Detail"), render: (payment) => t(payment.detail ?? ""), wide: true },
          { label: t("Created"), render: (payment) => <Ago at={payment.createdAt} />, width: 120, wide: true },
        ]} />
    </Stack>
  );
}

import { Title } from "@mantine/core";
import { IconReceipt } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { date, money } from "~/format";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { State } from "~/kit/Values";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";

const STATUSES = ["open", "paid", "uncollectible", "void"];

export function Invoices() {
  const { t } = useTranslation();
  const list = useSearched(useList("/billing/invoices"), {
    text: ({ number, reason, status }) => [number, t(reason), t(status)].join(" "), choices: { status: (invoice) => invoice.status },
  });
  return (
    <>
      <Title order={2}>{t("Invoices")}</Title>
      {(list.narrowed || list.rows.length > 0) && (
        <FilterBar search={t("Search invoices")} choices={[{ name: "status", label: t("State"), options: STATUSES.map((value) => ({ value, label: t(value) })) }]} />
      )}
      <DataTable label={t("Invoices")} list={list} rowKey={(invoice) => invoice.id} empty={<Empty icon={IconReceipt} title={t("No invoices yet")} hint={t("The free plan costs nothing.")} />}
        columns={[
          { label: t("Number"), render: (invoice) => invoice.number, width: 90 },
          { label: t("Issued"), render: (invoice) => date(invoice.issuedAt), width: 130 },
          { label: t("For"), render: (invoice) => t(invoice.reason), wide: true },
          { label: t("State"), render: (invoice) => <State of={invoice.status} />, width: 100 },
          { label: t("Total"), render: (invoice) => money(invoice.total, invoice.currency), align: "right", width: 120 },
          { label: t("Due"), render: (invoice) => money(invoice.amountDue, invoice.currency), align: "right", width: 120 },
        ]} />
    </>
  );
}

import { Button, Group, Stack, Text } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { money, number } from "~/format";
import { DataTable } from "~/kit/DataTable";
import { Download } from "~/kit/Download";
import { Empty } from "~/kit/Empty";
import { Figures } from "~/kit/Figures";
import { FilterBar } from "~/kit/FilterBar";
import { Loading } from "~/kit/Page";
import { ProblemAlert, tellProblem } from "~/kit/Problems";
import { State } from "~/kit/Values";
import { wholeList } from "~/kit/list";
import { useSearched } from "~/kit/search";

type Report = Schema<"ReconciliationReport">;
type Discrepancy = Report["discrepancies"][number];

/** Our books beside the provider's, for the last thirty days. */
export function Reconciliation() {
  const [within] = useState(() => ({ from: new Date(Date.now() - 30 * 86_400_000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() }));
  const found = useQuery({ queryKey: ["/payments", "reconciliation"], queryFn: () => api.get("/payments/reconciliation", { query: within }) });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown report={found.data} within={within} />;
}

function Shown({ report: { matched, discrepancies, totals }, within }: { report: Report; within: { from: string; to: string } }) {
  const { t } = useTranslation();
  const list = useSearched(wholeList(discrepancies), { text: ({ kind, explanation }) => `${kind} ${t(kind)} ${explanation}` });
  return (
    <Stack>
      <Group justify="flex-end"><Download path="/payments/reconciliation" query={{ ...within, format: "csv" }} name="reconciliation.csv">CSV</Download></Group>
      <Figures of={[
        { label: t("Movements that match"), value: number(matched) },
        { label: t("Discrepancies"), value: number(discrepancies.length) },
        ...totals.slice(0, 2).map(({ currency, here, there }) => ({ label: t("{{currency}} here and there", { currency }), value: money(here, currency), note: money(there, currency) })),
      ]} />
      {discrepancies.length > 0 && <FilterBar search={t("Search discrepancies")} />}
      <DataTable label={t("Discrepancies")} list={list} rowKey={(row) => `${row.kind}${row.paymentId}${row.providerId}`}
        empty={<Empty icon={IconScale} title={t("Both books agree")} hint={t("Every movement of the last 30 days is on both sides, with the same amount.")} />}
        columns={[
          { label: t("Kind"), render: (row) => <State of={row.kind} />, width: 130 },
          { label: t("What"), render: (row) => <Text size="sm" miw={110}>{row.explanation}</Text> },
          { label: t("Expected"), render: (row) => (row.expected === null ? "–" : money(row.expected, row.currency)), align: "right", width: 110, wide: true },
          { label: t("Found"), render: (row) => (row.found === null ? "–" : money(row.found, row.currency)), align: "right", width: 110 },
          { label: "", render: (row) => row.repairable && <Repair discrepancy={row} />, align: "right", width: 90 },
        ]} />
    </Stack>
  );
}

/** What the provider did without us is booked now. */
function Repair({ discrepancy: { kind, paymentId, providerId } }: { discrepancy: Discrepancy }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const repairing = useMutation({
    mutationFn: () => api.post("/payments/reconciliation/repairs", { body: { kind, paymentId, providerId } }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/payments"] }),
  });
  return <Button variant="subtle" loading={repairing.isPending} onClick={() => repairing.mutate()}>{t("Repair")}</Button>;
}

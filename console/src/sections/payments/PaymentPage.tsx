import { Button, SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { dateTime, money } from "~/format";
import { Loading, Page, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Facts, Identifier, State } from "~/kit/Values";
import { Link, useParam } from "~/link";
import { Acts } from "./Acts";
import { Ledger } from "./Ledger";
import { StateDiagram } from "./StateDiagram";
import { History } from "./History";
import type { Details } from "./payment";

export function PaymentPage() {
  const { t } = useTranslation();
  const id = useParam("paymentId");
  const found = useQuery({
    queryKey: ["/payments", id],
    queryFn: () => api.get("/payments/{payment_id}", { path: { payment_id: id } }) as Promise<Details>,
    refetchInterval: 3000,
  });
  const payment = found.data;
  if (found.error && !payment) return <Page title={t("Payment")}><ProblemAlert error={found.error} retry={() => void found.refetch()} /></Page>;
  if (!payment) return <Page title={t("Payment")}><Loading /></Page>;
  return (
    <Page title={`${money(payment.amount, payment.currency)} · ${payment.orderId}`} hint={<State of={payment.status} />}
      actions={<Button component={Link} to="/payments" variant="default">{t("All payments")}</Button>}>
      <Acts payment={payment} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title={t("Facts")}>
          <Facts of={[
            [t("Id"), <Identifier value={payment.id} />],
            [t("Detail"), t(payment.detail)],
            [t("Taken"), money(payment.capturedAmount ?? (payment.status === "SUCCESS" ? payment.amount : 0), payment.currency)],
            [t("Given back"), money(payment.refundedAmount, payment.currency)],
            [t("Decline code"), payment.declineCode ?? "–"],
            [t("Description"), payment.description ?? "–"],
            [t("Created"), dateTime(payment.createdAt)],
          ]} />
        </Panel>
        <Panel title={t("State")}><StateDiagram payment={payment} /></Panel>
        <Panel title={t("Ledger")}><Ledger payment={payment} /></Panel>
        <Panel title={t("Timeline")}><History payment={payment} /></Panel>
      </SimpleGrid>
    </Page>
  );
}

import { Alert, Button, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { compact, date, money, number } from "~/format";
import { Figures } from "~/kit/Figures";
import { Loading, Page, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { State } from "~/kit/Values";
import { useMay } from "~/kit/identity";
import { ChangePlan } from "./ChangePlan";
import { Invoices } from "./Invoices";
import type { Plan, Subscription } from "./plan";

export function Billing() {
  const { t } = useTranslation();
  const billing = useQuery({ queryKey: ["/billing"], queryFn: () => api.get("/billing") as Promise<Subscription> });
  const plans = useQuery({ queryKey: ["/plans"], queryFn: () => api.get("/plans") as Promise<{ data: Plan[] }> });
  const [wanted, want] = useState<string | null>(null);
  const error = billing.error ?? plans.error;
  return (
    <Page title={t("Billing")} hint={t("Your plan, what it costs and what was charged.")}>
      {error ? <ProblemAlert error={error} retry={() => void Promise.all([billing.refetch(), plans.refetch()])} /> : null}
      {!error && (!billing.data || !plans.data) && <Loading />}
      {billing.data && plans.data && (
        <>
          <Current billing={billing.data} />
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            {plans.data.data.map((plan) => <PlanCard key={plan.key} plan={plan} billing={billing.data} choose={() => want(plan.key)} />)}
          </SimpleGrid>
          <Invoices />
          {wanted && <ChangePlan billing={billing.data} plans={plans.data.data} first={wanted} onClose={() => want(null)} />}
        </>
      )}
    </Page>
  );
}

function Current({ billing }: { billing: Subscription }) {
  const { t } = useTranslation();
  const pending = billing.pendingChange;
  return (
    <Stack gap="sm">
      <Figures of={[
        { label: t("Plan"), value: billing.plan, note: <State of={billing.status} /> },
        { label: t("Seats"), value: `${billing.seats.used} / ${billing.seats.limit}` },
        { label: t("Renews"), value: billing.renewalDate ? date(billing.renewalDate) : "–" },
        { label: t("Credit"), value: money(billing.creditBalance ?? 0, billing.currency ?? "EUR") },
      ]} />
      {pending && <Alert color="blue">{t("From {{date}} on: {{plan}}", { date: date(pending.effectiveAt), plan: pending.plan })}</Alert>}
    </Stack>
  );
}

function PlanCard({ plan, billing, choose }: { plan: Plan; billing: Subscription; choose: () => void }) {
  const { t } = useTranslation();
  const owner = useMay("OWNER");
  const current = plan.key === billing.plan;
  return (
    <Panel title={plan.key} actions={current ? <State of="active" label="current" /> : undefined}>
      <Text fz={20} fw={600} className="num">{money(plan.pricePerSeat.month ?? 0, plan.currency)}</Text>
      <Text size="xs" c="dimmed" mb="sm">{t("a seat and month; {{price}} a year", { price: money(plan.pricePerSeat.year ?? 0, plan.currency) })}</Text>
      <Stack gap={2} mb="md">
        <Text size="sm">{t("up to {{seats}} seats", { seats: plan.seatLimit })}</Text>
        {Object.entries(plan.features).filter(([, value]) => value).map(([name, value]) => <Text key={name} size="sm" c="dimmed">{t(`feature ${name}`, { defaultValue: name })}{value === true ? "" : `: ${amount(value as number)}`}</Text>)}
      </Stack>
      <Button variant={current ? "default" : "filled"} disabled={!owner} onClick={choose}>{current ? t("Change seats") : t("Choose {{plan}}", { plan: plan.key })}</Button>
    </Panel>
  );
}

/** "1,095", "20B": days are read exactly, bytes are not. */
function amount(value: number): string {
  return value < 100_000 ? number(value) : compact(value);
}

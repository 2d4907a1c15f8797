import { Select, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { minorUnits, money } from "~/format";
import { FormDialog } from "~/kit/FormDialog";
import type { Payment } from "./payment";

const REASONS = ["requested_by_customer", "duplicate", "fraudulent"];

export function Refund({ payment, left, opened, onClose }: { payment: Payment; left: number; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { amount: "", reason: "requested_by_customer" } });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("Refund")} form={form} button={t("Refund")} changes={[["/payments"]]}
      submit={({ amount, reason }) => api.post("/payments/{payment_id}/refunds", {
        path: { payment_id: payment.id }, body: { reason, ...(amount ? { amount: minorUnits(amount, payment.currency) } : {}) } as Schema<"RefundCreate">,
      })}>
      <Text size="sm">{t("{{amount}} can still be given back.", { amount: money(left, payment.currency) })}</Text>
      <TextInput label={t("Amount")} inputMode="decimal" placeholder={t("all of it")} data-autofocus {...form.getInputProps("amount")} />
      <Select label={t("Reason")} allowDeselect={false} data={REASONS.map((value) => ({ value, label: t(value) }))} {...form.getInputProps("reason")} />
    </FormDialog>
  );
}

import { Group, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { minorUnits } from "~/format";
import { FormDialog } from "~/kit/FormDialog";
import { useGo } from "~/link";

const CURRENCIES = ["EUR", "USD", "PLN", "GBP", "JPY", "CHF"];

export function NewPayment({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const form = useForm({
    initialValues: { orderId: "", amount: "", currency: "EUR", captureMethod: "automatic", description: "" },
    validate: { amount: (value, { currency }) => (minorUnits(value, currency) > 0 ? null : t("An amount such as 42.00")) },
  });
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New payment")} form={form} button={t("Create")} changes={[["/payments"]]}
      submit={({ amount, description, ...body }) =>
        api.post("/payments", { body: { ...body, amount: minorUnits(amount, body.currency), ...(description ? { description } : {}) } as Schema<"PaymentCreate"> }) as Promise<{ id: string }>}
      done={(made) => go(`/payments/${made.id}`)}>
      <TextInput label={t("Order")} placeholder="order-1" required data-autofocus {...form.getInputProps("orderId")} />
      <Group grow align="flex-start">
        <TextInput label={t("Amount")} inputMode="decimal" placeholder="42.00" required {...form.getInputProps("amount")} />
        <Select label={t("Currency")} data={CURRENCIES} allowDeselect={false} {...form.getInputProps("currency")} />
      </Group>
      <Select label={t("Take the money")} allowDeselect={false} {...form.getInputProps("captureMethod")}
        data={[{ value: "automatic", label: t("at once") }, { value: "manual", label: t("later: authorize first") }]} />
      <TextInput label={t("Description")} {...form.getInputProps("description")} />
    </FormDialog>
  );
}

import { Alert, Button, Group, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { ProblemAlert } from "~/kit/Problems";
import { Refund } from "./Refund";
import { CARDS, type Details } from "./payment";

/** What can be done with a payment in its state: confirm with a test card, capture, cancel, refund. */
export function Acts({ payment }: { payment: Details }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [card, setCard] = useState("pm_card_visa");
  const [refunding, { open, close }] = useDisclosure();
  const acting = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["/payments"] }),
  });
  const path = { payment_id: payment.id };
  const canceled = payment.detail === "canceled";
  const authorized = payment.detail === "requires_capture";
  const confirmable = (payment.status === "PENDING" && !authorized) || (payment.status === "FAILED" && !canceled);
  const left = (payment.capturedAmount ?? payment.amount) - payment.refundedAmount;
  return (
    <>
      {acting.error && <ProblemAlert error={acting.error} />}
      {payment.nextActionUrl && (
        <Alert title={t("The customer must authenticate")}><a href={payment.nextActionUrl} target="_blank" rel="noopener noreferrer">{t("Open the provider's page")}</a></Alert>
      )}
      <Group gap="xs">
        {confirmable && (
          <>
            <Select aria-label={t("Test card")} w={240} allowDeselect={false} value={card} onChange={(value) => value && setCard(value)} data={CARDS.map(([value, label]) => ({ value, label: t(label) }))} />
            <Button loading={acting.isPending} onClick={() => acting.mutate(() => api.post("/payments/{payment_id}/confirm", { path, body: { paymentMethod: card } }))}>{t("Confirm")}</Button>
          </>
        )}
        {authorized && <Button loading={acting.isPending} onClick={() => acting.mutate(() => api.post("/payments/{payment_id}/capture", { path, body: {} }))}>{t("Take the money")}</Button>}
        {payment.status === "PENDING" && <Button variant="default" onClick={() => acting.mutate(() => api.post("/payments/{payment_id}/cancel", { path }))}>{t("Cancel the payment")}</Button>}
        {payment.status === "SUCCESS" && left > 0 && <Button variant="default" onClick={open}>{t("Refund")}</Button>}
      </Group>
      <Refund payment={payment} left={left} opened={refunding} onClose={close} />
    </>
  );
}

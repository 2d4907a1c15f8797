import { Group, Text, Timeline } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { dateTime, money } from "~/format";
import { State } from "~/kit/Values";
import type { Details } from "./payment";

/** Every change of state and every refund, newest first, with what caused it. */
export function History({ payment }: { payment: Details }) {
  const { t } = useTranslation();
  const entries = [
    ...payment.transitions.map(({ to, detail, cause, at }) => ({ at, state: to, text: [detail && t(detail), t("by {{cause}}", { cause: t(cause) })].filter(Boolean).join(" · ") })),
    ...(payment.refunds ?? []).map(({ amount, status, reason, createdAt }) => ({ at: createdAt, state: status, text: [t("Refund of {{amount}}", { amount: money(amount, payment.currency) }), reason && t(reason)].filter(Boolean).join(" · ") })),
  ].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Timeline bulletSize={12} lineWidth={2}>
      {entries.map((entry, index) => (
        <Timeline.Item key={index} title={<Group gap="xs"><State of={entry.state} /><Text size="sm">{entry.text}</Text></Group>}>
          <Text size="xs" c="dimmed">{dateTime(entry.at)}</Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Details } from "./payment";

const PLACES: Record<string, [number, number]> = { PENDING: [10, 62], SUCCESS: [150, 12], FAILED: [150, 112], REFUNDED: [290, 12] };
const WAYS: [string, string, string][] = [
  ["PENDING", "SUCCESS", "M102 70 C130 60 130 36 150 32"],
  ["PENDING", "FAILED", "M102 80 C130 92 130 116 150 124"],
  ["FAILED", "SUCCESS", "M196 110 L196 54"],
  ["SUCCESS", "REFUNDED", "M242 31 L290 31"],
];

/** The four states and the ways between them; those that this payment went are drawn bold. */
export function StateDiagram({ payment }: { payment: Details }) {
  const { t } = useTranslation();
  const went = new Set(payment.transitions.map(({ from, to }) => `${from}>${to}`));
  return (
    <>
      <svg viewBox="0 0 394 166" width="100%" style={{ maxWidth: 460 }} role="img" aria-label={t("State: {{state}}", { state: t(payment.status) })}>
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 Z" fill="var(--mantine-color-dimmed)" /></marker>
        </defs>
        {WAYS.map(([from, to, path]) => {
          const gone = went.has(`${from}>${to}`);
          return <path key={path} d={path} fill="none" stroke="var(--mantine-color-dimmed)" strokeWidth={gone ? 2.4 : 1} strokeDasharray={gone ? undefined : "3 3"} markerEnd="url(#tip)" />;
        })}
        {Object.entries(PLACES).map(([state, [x, y]]) => {
          const here = state === payment.status;
          return (
            <g key={state}>
              <rect x={x} y={y} width="92" height="38" rx="6" fill={here ? "var(--mantine-primary-color-filled)" : "var(--sunken)"} stroke="var(--line)" />
              <text x={x + 46} y={y + 23} textAnchor="middle" fontSize="11.5" fontWeight={here ? 600 : 400} fill={here ? "white" : "var(--mantine-color-text)"}>{t(state)}</text>
            </g>
          );
        })}
      </svg>
      <Text size="sm" c="dimmed">{t("Detail: {{detail}}", { detail: t(payment.detail) })}</Text>
    </>
  );
}

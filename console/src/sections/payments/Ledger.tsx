import { Box, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { money } from "~/format";
import type { Details } from "./payment";

/** What was booked. Debits equal credits, always. */
export function Ledger({ payment }: { payment: Details }) {
  const { t } = useTranslation();
  const show = (amount: number) => (amount ? money(amount, payment.currency) : "");
  const sum = (side: "debit" | "credit") => payment.ledger.reduce((total, line) => total + line[side], 0);
  if (!payment.ledger.length) return <Text size="sm" c="dimmed">{t("Nothing is booked before money moves.")}</Text>;
  return (
    <Box style={{ overflowX: "auto" }}>
      <Table horizontalSpacing="xs">
        <Table.Thead><Table.Tr><Table.Th>{t("Account")}</Table.Th><Table.Th ta="right">{t("Debit")}</Table.Th><Table.Th ta="right">{t("Credit")}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {payment.ledger.map((line, index) => (
            <Table.Tr key={index}>
              <Table.Td>{t(line.account)}</Table.Td>
              <Table.Td ta="right" className="num">{show(line.debit)}</Table.Td>
              <Table.Td ta="right" className="num">{show(line.credit)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot><Table.Tr><Table.Th>{t("Sum")}</Table.Th><Table.Th ta="right" className="num">{show(sum("debit"))}</Table.Th><Table.Th ta="right" className="num">{show(sum("credit"))}</Table.Th></Table.Tr></Table.Tfoot>
      </Table>
    </Box>
  );
}

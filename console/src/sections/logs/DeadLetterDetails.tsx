import { Box, Drawer, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { bytes, dateTime, number } from "~/format";
import { Copy } from "~/kit/Curl";
import { Facts } from "~/kit/Values";
import { Discard, Retry, type DeadLetter } from "./DeadLetterActs";

/** Why a request was not stored, and how its lines begin. */
export function DeadLetterDetails({ letter, onClose }: { letter?: DeadLetter; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer opened={!!letter} onClose={onClose} position="right" size="lg" title={t("Dead letter")} closeButtonProps={{ "aria-label": t("Close") }}>
      {letter && <Contents letter={letter} />}
    </Drawer>
  );
}

function Contents({ letter }: { letter: DeadLetter }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Facts of={[
        [t("Arrived"), dateTime(letter.receivedAt)],
        [t("Service"), letter.service],
        [t("Lines"), number(letter.lines)],
        [t("Size"), bytes(letter.bytes)],
      ]} />
      <Verbatim title={t("Why it was not stored")} text={letter.fault} />
      <Verbatim title={t("How its lines begin")} text={letter.beginning} />
      <Group justify="flex-end" gap="xs"><Retry letter={letter} /><Discard letter={letter} /></Group>
    </Stack>
  );
}

function Verbatim({ title, text }: { title: string; text: string }) {
  return (
    <Stack gap={4}>
      <Group justify="space-between"><Text size="xs" c="dimmed">{title}</Text><Copy value={text} /></Group>
      <Box component="pre" className="mono" m={0} p="sm" bg="var(--sunken)" tabIndex={0} mah={360}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", overflowY: "auto", borderRadius: 6 }}>{text}</Box>
    </Stack>
  );
}

import { Box, Button, Group, Modal, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Copy } from "~/kit/Curl";

/** A new key, for the only time. */
export function Shown({ value, onClose }: { value: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={value !== null} onClose={onClose} title={t("Your new key")} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("Close") }}>
      <Text size="sm">{t("Copy it now: only its fingerprint is stored, so it cannot be shown again.")}</Text>
      <Group wrap="nowrap" mt="sm" p="xs" bg="var(--sunken)" style={{ borderRadius: 6 }}>
        <Box component="code" className="mono" style={{ overflowWrap: "anywhere", flex: 1 }} data-testid="new-key">{value}</Box>
        <Copy value={value ?? ""} />
      </Group>
      <Group justify="flex-end" mt="md"><Button onClick={onClose}>{t("I have it")}</Button></Group>
    </Modal>
  );
}

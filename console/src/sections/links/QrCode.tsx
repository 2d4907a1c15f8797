import { Box, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { renderSVG } from "uqr";

export function QrCode({ text, name }: { text: string; name: string }) {
  const { t } = useTranslation();
  const picture = `data:image/svg+xml,${encodeURIComponent(renderSVG(text))}`;
  return (
    <Group align="center" wrap="nowrap">
      <Box bg="white" p={4} w={130} style={{ borderRadius: 6, flexShrink: 0 }}>
        <img src={picture} alt={t("QR code of /{{code}}", { code: name })} width="100%" style={{ display: "block" }} />
      </Box>
      <Text size="sm" c="dimmed">{t("Scans of it count like any other visit.")}</Text>
    </Group>
  );
}

import { Box, Button, Group, PinInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { renderSVG } from "uqr";
import { api } from "~/api/client";
import { Copy } from "~/kit/Curl";
import { ProblemAlert } from "~/kit/Problems";
import { Identifier } from "~/kit/Values";

/** Set up an authenticator app: scan, type one code, keep the recovery codes. */
export function SecondFactor() {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const starting = useMutation({ mutationFn: () => api.post("/auth/totp", {}) });
  const confirming = useMutation({ mutationFn: (typed: string) => api.post("/auth/totp/confirm", { body: { code: typed } }) });
  if (confirming.data) return <RecoveryCodes codes={confirming.data.recoveryCodes} />;
  if (!starting.data) {
    return (
      <Stack gap="xs" align="flex-start">
        {starting.error && <ProblemAlert error={starting.error} />}
        <Text size="sm" c="dimmed">{t("A code from an app on your phone, asked for beside your password.")}</Text>
        <Button variant="default" loading={starting.isPending} onClick={() => starting.mutate()}>{t("Set up")}</Button>
      </Stack>
    );
  }
  return (
    <Group align="flex-start" gap="lg">
      <Box w={170} bg="white" p={4} role="img" aria-label={t("QR code for your authenticator app")}>
        <img alt="" src={`data:image/svg+xml,${encodeURIComponent(renderSVG(starting.data.uri))}`} width="100%" />
      </Box>
      <Stack gap="sm" style={{ flex: 1 }} miw={220}>
        <Text size="sm">{t("Scan this with your authenticator app, or type the secret. Then type the code it shows.")}</Text>
        <Identifier value={starting.data.secret} />
        {confirming.error && <ProblemAlert error={confirming.error} />}
        <PinInput length={6} type="number" oneTimeCode value={code} onChange={setCode} onComplete={(typed) => confirming.mutate(typed)}
          aria-label={t("Code of your second factor")} />
      </Stack>
    </Group>
  );
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Text size="sm">{t("It is on. Keep these recovery codes: each logs you in once if you lose your phone.")}</Text>
      <Group align="flex-start">
        <Box component="pre" className="mono" m={0} p="sm" bg="var(--sunken)">{codes.join("\n")}</Box>
        <Copy value={codes.join("\n")} />
      </Group>
    </Stack>
  );
}

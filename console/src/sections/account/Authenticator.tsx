import { Box, Group, PinInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { renderSVG } from "uqr";
import { api } from "~/api/client";
import { Copy } from "~/kit/Curl";
import { ProblemAlert } from "~/kit/Problems";
import { Identifier } from "~/kit/Values";

interface AuthenticatorProps {
  secret: string;
  uri: string;
  confirmed: (recoveryCodes: string[]) => void;
}

/** Scan, then type one code: it counts only once the app has shown that it has the secret. */
export function Authenticator({ secret, uri, confirmed }: AuthenticatorProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const confirming = useMutation({
    mutationFn: (typed: string) => api.post("/auth/totp/confirm", { body: { code: typed } }),
    onSuccess: ({ recoveryCodes }) => confirmed(recoveryCodes),
  });
  return (
    <Group align="flex-start" gap="lg">
      <Box w={170} bg="white" p={4} role="img" aria-label={t("QR code for your authenticator app")}>
        <img alt="" src={`data:image/svg+xml,${encodeURIComponent(renderSVG(uri))}`} width="100%" />
      </Box>
      <Stack gap="sm" style={{ flex: 1 }} miw={220}>
        <Text size="sm">{t("Scan this with your authenticator app, or type the secret. Then type the code it shows.")}</Text>
        <Identifier value={secret} />
        {confirming.error && <ProblemAlert error={confirming.error} />}
        <PinInput length={6} type="number" oneTimeCode value={code} onChange={setCode} onComplete={(typed) => confirming.mutate(typed)}
          aria-label={t("Code of your second factor")} />
      </Stack>
    </Group>
  );
}

export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Text size="sm">{t("It is on. Keep these recovery codes: each logs you in once if you lose your phone.")}</Text>
      <Group align="flex-start">
        <Box component="pre" className="mono" m={0} p="sm" bg="var(--sunken)" data-testid="recovery-codes">{codes.join("\n")}</Box>
        <Copy value={codes.join("\n")} />
      </Group>
    </Stack>
  );
}

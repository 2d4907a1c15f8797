import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { ProblemAlert } from "~/kit/Problems";
import { State } from "~/kit/Values";
import { ME, useMe } from "~/kit/identity";
import { Authenticator, RecoveryCodes } from "./Authenticator";
import { TurnOff } from "./TurnOff";

/** Whether a code is asked for beside the password: set it up with an authenticator app, or turn it off. */
export function SecondFactor() {
  const queries = useQueryClient();
  const on = useMe().data?.user.totpEnabled;
  const [codes, show] = useState<string[] | null>(null);
  const changed = () => queries.invalidateQueries({ queryKey: ME });
  function confirmed(recoveryCodes: string[]) {
    show(recoveryCodes);
    void changed();
  }
  if (codes) return <RecoveryCodes codes={codes} />;
  return on ? <On done={changed} /> : <Off confirmed={confirmed} />;
}

function Off({ confirmed }: { confirmed: (recoveryCodes: string[]) => void }) {
  const { t } = useTranslation();
  const starting = useMutation({ mutationFn: () => api.post("/auth/totp", {}) });
  if (starting.data) return <Authenticator {...starting.data} confirmed={confirmed} />;
  return (
    <Stack gap="xs" align="flex-start">
      {starting.error && <ProblemAlert error={starting.error} />}
      <Text size="sm" c="dimmed">{t("A code from an app on your phone, asked for beside your password.")}</Text>
      <Button variant="default" loading={starting.isPending} onClick={() => starting.mutate()}>{t("Set up")}</Button>
    </Stack>
  );
}

function On({ done }: { done: () => Promise<void> }) {
  const { t } = useTranslation();
  const [turning, turn] = useState(false);
  return (
    <Stack gap="xs" align="flex-start">
      <State of="enabled" label="on" />
      {turning ? <TurnOff done={done} /> : <Anchor component="button" size="sm" onClick={() => turn(true)}>{t("Turn it off")}</Anchor>}
    </Stack>
  );
}

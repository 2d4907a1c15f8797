import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { addPasskey, passkeysWork } from "~/api/passkeys";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago } from "~/kit/Values";
import { useRemoval } from "~/kit/undo";

interface Passkey {
  id: string;
  name: string;
  createdAt: string;
}

export function Passkeys() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useRemoval();
  const found = useQuery({ queryKey: ["/auth/passkeys"], queryFn: () => api.get("/auth/passkeys") });
  const adding = useMutation({
    mutationFn: () => addPasskey(navigator.platform || "Passkey"),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["/auth/passkeys"] }),
  });
  const passkeys: Passkey[] = found.data?.data ?? [];
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" c="dimmed">{t("Log in with your fingerprint, face or security key; nothing to type, nothing to steal.")}</Text>
      {found.error && <ProblemAlert error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading rows={1} />}
      {adding.error && <ProblemAlert error={adding.error} />}
      {passkeys.map((passkey) => (
        <Group key={passkey.id} gap="sm">
          <Text size="sm">{passkey.name}</Text>
          <Text size="xs" c="dimmed"><Ago at={passkey.createdAt} /></Text>
          <Button variant="subtle" color="red"
            onClick={() => remove({
              queryKey: ["/auth/passkeys"],
              gone: (row: Passkey) => row.id === passkey.id,
              told: t("The passkey was removed."),
              commit: () => api.delete("/auth/passkeys/{passkey_id}", { path: { passkey_id: passkey.id } }),
            })}>
            {t("Remove")}
          </Button>
        </Group>
      ))}
      {passkeysWork()
        ? <Button variant="default" loading={adding.isPending} onClick={() => adding.mutate()}>{t("Add a passkey")}</Button>
        : <Text size="sm">{t("Browsers allow passkeys on HTTPS and on localhost only.")}</Text>}
    </Stack>
  );
}

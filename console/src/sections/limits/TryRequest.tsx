import { Alert, Button, Group, NumberInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Curl } from "~/kit/Curl";
import { Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { useMembership } from "~/kit/identity";
import { Facts } from "~/kit/Values";

interface Decision {
  allowed: boolean;
  limit: number;
  remaining: number;
  resetAfterMs: number;
  retryAfterMs?: number | null;
  rule: string | null;
  reason: string;
}

/** One for each organization that is tried, kept by this page alone. */
const keys = new Map<string, string>();

/** A check like that of a program, with a key made for it; its answer says which rule decided and how. */
export function TryRequest() {
  const { t } = useTranslation();
  const organization = useMembership()?.organizationId ?? "";
  const form = useForm({ initialValues: { route: "/orders", method: "GET", userId: "ada", cost: 1 } });
  const checking = useMutation({
    mutationFn: async (values: typeof form.values) => {
      const key = keys.get(organization) ?? (await api.post("/api-keys", { body: { name: "Try a request", scopes: ["limits:check"] } })).key;
      keys.set(organization, key);
      return (await api.post("/check", { body: { apiKey: key, ...values } })) as Decision;
    },
  });
  const decision = checking.data;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title={t("A request")}>
        <form onSubmit={form.onSubmit((values) => checking.mutate(values))}>
          <Stack gap="sm">
            <Group grow>
              <TextInput label={t("Route")} required {...form.getInputProps("route")} />
              <TextInput label={t("Method")} {...form.getInputProps("method")} />
            </Group>
            <Group grow>
              <TextInput label={t("User")} required {...form.getInputProps("userId")} />
              <NumberInput label={t("Cost")} min={0} description={t("0 looks without taking")} inputWrapperOrder={["label", "input", "description", "error"]} {...form.getInputProps("cost")} />
            </Group>
            <Group justify="flex-end"><Button type="submit" loading={checking.isPending}>{t("Check")}</Button></Group>
          </Stack>
        </form>
        <Curl path="/check" scope="limits:check" body={{ apiKey: keys.get(organization) ?? "<API key>", ...form.values }} />
      </Panel>
      <Panel title={t("The answer")}>
        {checking.error && <ProblemAlert error={checking.error} />}
        {!decision && !checking.error && <Text size="sm" c="dimmed">{t("Check a request to see which rule decides and why.")}</Text>}
        {decision && (
          <Stack>
            <Alert color={decision.allowed ? "teal" : "red"} icon={decision.allowed ? <IconCheck size={18} /> : <IconX size={18} />} title={decision.allowed ? t("Allowed") : t("Denied")}>
              {decision.reason}
            </Alert>
            <Facts of={[
              [t("Rule"), decision.rule ?? t("none")],
              [t("Limit"), decision.limit],
              [t("Remaining"), decision.remaining],
              [t("Full again in"), `${decision.resetAfterMs} ms`],
              [t("Try again in"), decision.retryAfterMs == null ? "–" : `${decision.retryAfterMs} ms`],
            ]} />
          </Stack>
        )}
      </Panel>
    </SimpleGrid>
  );
}

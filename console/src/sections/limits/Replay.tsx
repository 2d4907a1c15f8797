import { Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { number } from "~/format";
import { Figures } from "~/kit/Figures";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { ruleBody, type Rule } from "./rule";

/** Whom this rule would have stopped in the last day's recorded traffic. */
export function Replay({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["/limits/replay", rule],
    queryFn: () => api.post("/limits/replay", { body: { rule: ruleBody(rule!), from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date().toISOString() } }),
    enabled: rule !== null,
  });
  const answer = found.data;
  return (
    <Modal opened={rule !== null} onClose={onClose} title={t("Replay of {{name}}", { name: rule?.name })} closeButtonProps={{ "aria-label": t("Close") }}>
      <Stack>
        <Text size="sm" c="dimmed">{t("This rule, applied to the requests of the last 24 hours:")}</Text>
        {found.error && <ProblemAlert error={found.error} retry={() => void found.refetch()} />}
        {found.isPending && <Loading rows={2} />}
        {answer && <Figures of={[{ label: t("Would be allowed"), value: number(answer.allowed ?? 0) }, { label: t("Would be denied"), value: number(answer.denied ?? 0) }]} />}
      </Stack>
    </Modal>
  );
}

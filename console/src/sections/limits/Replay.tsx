import { Alert, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { number } from "~/format";
import { Figures, Shares } from "~/kit/Figures";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { ruleBody, type Rule } from "./rule";

const MOST_SHOWN = 8;

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
        {answer && <Outcome answer={answer} />}
      </Stack>
    </Modal>
  );
}

function Outcome({ answer: { checks, allowed, denied, deniedUsers, partial } }: { answer: Schema<"ReplayOut"> }) {
  const { t } = useTranslation();
  return (
    <>
      {partial && <Alert color="yellow">{t("There was more traffic than one replay reads; these figures are of a part of it.")}</Alert>}
      <Figures of={[{ label: t("Requests"), value: number(checks) }, { label: t("Would be allowed"), value: number(allowed) }, { label: t("Would be denied"), value: number(denied) }]} />
      {deniedUsers.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>{t("Who would be denied most")}</Text>
          <Shares rows={deniedUsers.slice(0, MOST_SHOWN).map((user) => ({ name: `${user.userId} ${user.route}`, value: user.denied }))} empty="" />
        </div>
      )}
    </>
  );
}

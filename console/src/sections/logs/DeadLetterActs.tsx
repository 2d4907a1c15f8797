import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { tellProblem } from "~/kit/Problems";
import { RemoveButton } from "~/kit/undo";

export type DeadLetter = Schema<"DeadLetterOut">;

export function Retry({ letter }: { letter: DeadLetter }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => api.post("/logs/dead-letters/{letter_id}/retry", { path: { letter_id: letter.id } }),
    onSuccess: () => notifications.show({ message: t("It is queued again; what fails once more comes back here.") }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/logs/dead-letters"] }),
  });
  return <Button variant="subtle" loading={again.isPending} onClick={() => again.mutate()}>{t("Try again")}</Button>;
}

export function Discard({ letter }: { letter: DeadLetter }) {
  const { t } = useTranslation();
  return (
    <RemoveButton queryKey={["/logs/dead-letters"]} gone={(row: DeadLetter) => row.id === letter.id} told={t("A dead letter of {{service}} was deleted.", { service: letter.service })}
      commit={() => api.delete("/logs/dead-letters/{letter_id}", { path: { letter_id: letter.id } })}>
      {t("Delete")}
    </RemoveButton>
  );
}

import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { tellProblem } from "~/kit/Problems";
import { useRemoval } from "~/kit/undo";
import type { ApiKey } from "./ApiKeys";

export function KeyActions({ apiKey, show }: { apiKey: ApiKey; show: (key: string) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useRemoval();
  const path = { key_id: apiKey.id };
  const rotating = useMutation({
    mutationFn: () => api.post("/api-keys/{key_id}/rotate", { path }),
    onSuccess: (made) => {
      show(made.key);
      return queries.invalidateQueries({ queryKey: ["/api-keys"] });
    },
    onError: tellProblem,
  });
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button variant="subtle" loading={rotating.isPending} onClick={() => rotating.mutate()}>{t("Rotate")}</Button>
      <Button variant="subtle" color="red"
        onClick={() => remove({
          queryKey: ["/api-keys"],
          gone: (row: ApiKey) => row.id === apiKey.id,
          told: t("{{name}} was revoked.", { name: apiKey.name }),
          commit: () => api.delete("/api-keys/{key_id}", { path }),
        })}>
        {t("Revoke")}
      </Button>
    </Group>
  );
}

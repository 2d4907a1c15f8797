import { Button, Group, NumberInput, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Facts } from "~/kit/Values";

interface Kept {
  days: number;
  perService?: Record<string, number> | null;
}

export function Retention() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["/logs/retention"], queryFn: () => api.get("/logs/retention") as Promise<Kept> });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Panel title={t("How long lines are kept")}><Days kept={found.data} /></Panel>;
}

function Days({ kept }: { kept: Kept }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { days: kept.days } });
  const saving = useMutation({
    mutationFn: ({ days }: { days: number }) => api.put("/logs/retention", { body: { days, ...(kept.perService ? { perService: kept.perService } : {}) } }),
    onSuccess: () => {
      notifications.show({ message: t("Saved.") });
      return queries.invalidateQueries({ queryKey: ["/logs/retention"] });
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      {saving.error && <ProblemAlert error={saving.error} />}
      <Text size="sm" c="dimmed" mb="sm">{t("Counted from arrival, so that old lines filled in later stay as long.")}</Text>
      <Group align="flex-end" mb="md">
        <NumberInput label={t("Days")} min={1} required w={120} {...form.getInputProps("days")} />
        <Button type="submit" loading={saving.isPending}>{t("Save")}</Button>
      </Group>
      <Facts of={Object.entries(kept.perService ?? {}).map(([service, days]) => [service, t("{{days}} days", { days })])} />
    </form>
  );
}

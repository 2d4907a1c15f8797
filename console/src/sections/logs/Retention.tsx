import { Button, Group, NumberInput, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Answer } from "~/api/client";
import { asProblem } from "~/api/problem";
import { bytes } from "~/format";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Facts } from "~/kit/Values";

type Kept = Answer<"/logs/retention", "get">;

export function Retention() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["/logs/retention"], queryFn: () => api.get("/logs/retention") });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Panel title={t("How long lines are kept")}><Days kept={found.data} /></Panel>;
}

function Days({ kept }: { kept: Kept }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { days: kept.days } });
  const saving = useMutation({
    // All of it is replaced, so what this form does not show is sent back as it was.
    mutationFn: ({ days }: { days: number }) => api.put("/logs/retention", { body: { ...kept, days } }),
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
      <Facts of={[
        ...Object.entries(kept.perService ?? {}).map(([service, days]): [string, string] => [service, t("{{days}} days", { days })]),
        ...(kept.maxBytes ? [[t("At most"), bytes(kept.maxBytes)] as [string, string]] : []),
        ...Object.entries(kept.maxBytesPerService ?? {}).map(([service, most]): [string, string] => [service, bytes(most)]),
      ]} />
    </form>
  );
}

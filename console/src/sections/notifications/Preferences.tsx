import { Button, Checkbox, Group, Select, Stack, Switch, Table, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { useList } from "~/kit/list";

interface Wanted {
  locale: string | null;
  timeZone: string;
  quietHours: { start: string; end: string } | null;
  categories: Record<string, Record<string, boolean | null>>;
  optOut: boolean;
}

const CHANNELS = ["inApp", "email", "push"];

/** What the caller wants to hear, where and when. */
export function Preferences() {
  const found = useQuery({ queryKey: ["/preferences"], queryFn: () => api.get("/preferences") as Promise<Wanted> });
  const templates = useList("/templates", { limit: 200 });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || templates.loading) return <Loading />;
  const known = ["general", "marketing", ...templates.rows.map((template) => template.category ?? "general")].sort();
  return <Form wanted={found.data} known={known} />;
}

function Form({ wanted, known }: { wanted: Wanted; known: string[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { ...wanted, categories: { ...Object.fromEntries(known.map((category): [string, Wanted["categories"][string]] => [category, {}])), ...wanted.categories } } });
  const saving = useMutation({
    mutationFn: (body: Wanted) => api.put("/preferences", { body: body }),
    onSuccess: () => {
      notifications.show({ message: t("Saved.") });
      return queries.invalidateQueries({ queryKey: ["/preferences"] });
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  const { quietHours, categories, locale } = form.values;
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <Stack>
        {saving.error && <ProblemAlert error={saving.error} />}
        <Panel title={t("When and how")}>
          <Group align="flex-end">
            <Select label={t("Language")} clearable placeholder={t("that of the account")} data={[["en", "English"], ["pl", "Polski"]].map(([value, label]) => ({ value: value!, label: label! }))} value={locale} onChange={(value) => form.setFieldValue("locale", value)} />
            <Select label={t("Time zone")} searchable allowDeselect={false} data={["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")]} {...form.getInputProps("timeZone")} />
          </Group>
          <Group mt="md" align="flex-end">
            <Switch label={t("Quiet hours")} checked={quietHours !== null} onChange={(event) => form.setFieldValue("quietHours", event.currentTarget.checked ? { start: "22:00", end: "07:00" } : null)} />
            {quietHours && (
              <>
                <TextInput type="time" label={t("From")} {...form.getInputProps("quietHours.start")} />
                <TextInput type="time" label={t("To")} {...form.getInputProps("quietHours.end")} />
              </>
            )}
          </Group>
          <Switch mt="md" label={t("Send me only what I must know")} {...form.getInputProps("optOut", { type: "checkbox" })} />
        </Panel>
        <Panel title={t("Categories")}>
          <Table maw={560}>
            <Table.Thead><Table.Tr><Table.Th>{t("Category")}</Table.Th>{CHANNELS.map((channel) => <Table.Th key={channel}>{t(channel)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {Object.entries(categories).map(([category, choice]) => (
                <Table.Tr key={category}>
                  <Table.Td>{category}</Table.Td>
                  {CHANNELS.map((channel) => (
                    <Table.Td key={channel}>
                      <Checkbox aria-label={`${category}: ${t(channel)}`} checked={choice[channel] ?? true}
                        onChange={(event) => form.setFieldValue("categories", { ...categories, [category]: { ...choice, [channel]: event.currentTarget.checked } })} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Panel>
        <Group justify="flex-end"><Button type="submit" loading={saving.isPending}>{t("Save")}</Button></Group>
      </Stack>
    </form>
  );
}

import { Button, Group, SegmentedControl, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { Loading, Page, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { State } from "~/kit/Values";
import { useParam } from "~/link";
import { Preview } from "./Preview";
import { CHANNELS, FIELDS, locales, templateBody, type Channel, type Template } from "./template";

export function TemplatePage() {
  const { t } = useTranslation();
  const key = useParam("key");
  const found = useQuery({ queryKey: ["/templates", key], queryFn: () => api.get("/templates/{key}", { path: { key } }) as Promise<Template> });
  if (found.error) return <Page title={key}><ProblemAlert error={found.error} retry={() => void found.refetch()} /></Page>;
  if (!found.data) return <Page title={key}><Loading /></Page>;
  return <Editor key={key} saved={found.data} title={t("Template {{key}}", { key })} />;
}

function Editor({ saved, title }: { saved: Template; title: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [template, setTemplate] = useState(saved);
  const [channel, setChannel] = useState<Channel>("email");
  const [locale, setLocale] = useState(saved.defaultLocale);
  const path = { key: saved.key };
  const saving = useMutation({
    mutationFn: () => api.put("/templates/{key}", { path, body: templateBody(template) as Schema<"TemplatePut"> }) as Promise<Template>,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["/templates"] }),
  });
  const publishing = useMutation({
    mutationFn: async () => {
      await saving.mutateAsync();
      return api.post("/templates/{key}/publish", { path });
    },
    onSuccess: () => {
      notifications.show({ message: t("Published.") });
      return queries.invalidateQueries({ queryKey: ["/templates"] });
    },
  });
  const text = template.channels[channel]?.[locale] ?? {};
  const write = (name: string, value: string) =>
    setTemplate({ ...template, channels: { ...template.channels, [channel]: { ...template.channels[channel], [locale]: { ...text, [name]: value } } } });
  return (
    <Page title={title} hint={<State of={saved.publishedVersion ? "published" : "draft"} />}
      actions={
        <>
          <Button variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>{t("Save")}</Button>
          <Button loading={publishing.isPending} onClick={() => publishing.mutate()}>{t("Publish")}</Button>
        </>
      }>
      {(publishing.error ?? saving.error) && <ProblemAlert error={publishing.error ?? saving.error} />}
      <Group>
        <SegmentedControl aria-label={t("Channel")} value={channel} onChange={(value) => setChannel(value as Channel)} data={CHANNELS.map((value) => ({ value, label: t(value) }))} />
        <Select aria-label={t("Language")} w={130} allowDeselect={false} value={locale} onChange={(value) => value && setLocale(value)} data={[...new Set([...locales(template), "en", "pl", "de", "fr", "es"])]} />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title={t("Text")}>
          <Stack gap="sm">
            {FIELDS[channel].map(({ name, label, long }) => {
              const Field = long ? Textarea : TextInput;
              return <Field key={channel + locale + name} label={t(label)} value={text[name] ?? ""} {...(long ? { autosize: true, minRows: 5, maxRows: 18 } : {})}
                classNames={{ input: name === "html" ? "mono" : "" }} onChange={(event: React.ChangeEvent<HTMLInputElement & HTMLTextAreaElement>) => write(name, event.currentTarget.value)} />;
            })}
          </Stack>
        </Panel>
        <Preview template={template} channel={channel} locale={locale} save={() => saving.mutateAsync()} />
      </SimpleGrid>
    </Page>
  );
}

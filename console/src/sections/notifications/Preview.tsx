import { Alert, Badge, Box, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Mail } from "./Mail";
import { variables, type Channel, type Template } from "./template";

interface Rendered {
  messages: { channel: string; locale: string; fallback: boolean; title: string; body: string; html: string | null; link: string | null }[];
  missing: string[];
}

interface PreviewProps {
  template: Template;
  channel: Channel;
  locale: string;
  save: () => Promise<unknown>;
}

/** The draft, filled in: what would arrive, and which variables have no value. */
export function Preview({ template, channel, locale, save }: PreviewProps) {
  const { t } = useTranslation();
  const [data, setData] = useState<Record<string, string>>({});
  const names = variables(template);
  const rendering = useMutation({
    mutationFn: async () => {
      await save();
      const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== ""));
      return (await api.post("/templates/{key}/preview", { path: { key: template.key }, body: { locale, data: numbers(given) } })) as Rendered;
    },
  });
  const shown = rendering.data?.messages.find((message) => message.channel === channel);
  return (
    <Panel title={t("Preview")} actions={<Button variant="default" loading={rendering.isPending} onClick={() => rendering.mutate()}>{t("Save and preview")}</Button>}>
      <Stack gap="sm">
        <Group grow gap="xs" preventGrowOverflow={false}>
          {names.map((name) => (
            <TextInput key={name} label={`{${name}}`} value={data[name] ?? ""} onChange={(event) => setData({ ...data, [name]: event.currentTarget.value })} miw={120} />
          ))}
        </Group>
        {rendering.error && <ProblemAlert error={rendering.error} />}
        {rendering.data && rendering.data.missing.length > 0 && (
          <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title={t("Variables without a value")}>{rendering.data.missing.join(", ")}</Alert>
        )}
        {shown?.fallback && <Badge color="yellow">{t("Shown in {{locale}}: this language is missing", { locale: shown.locale })}</Badge>}
        {shown && (
          <Box className="surface" p="sm">
            <Text fw={600} size="sm">{shown.title}</Text>
            {shown.html ? <Mail html={shown.html} title={shown.title} /> : <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>{shown.body}</Text>}
          </Box>
        )}
        {rendering.data && !shown && <Text size="sm" c="dimmed">{t("This channel has no text.")}</Text>}
        {!rendering.data && !rendering.error && <Text size="sm" c="dimmed">{t("Fill in the variables and look at what would arrive.")}</Text>}
      </Stack>
    </Panel>
  );
}

/** What looks like a number is one, so that plurals work. */
function numbers(data: Record<string, string>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value]));
}

import { Accordion, Group, NumberInput, PasswordInput, Select, SimpleGrid, TagsInput, Text, TextInput } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { useList } from "~/kit/list";
import { useGo } from "~/link";

const UTM = ["source", "medium", "campaign", "term", "content"] as const;
const EMPTY = {
  url: "", alias: "", domain: "", title: "", tags: [] as string[], expiresAt: null as string | null, maxClicks: "" as number | "",
  password: "", fallbackUrl: "", utm: { source: "", medium: "", campaign: "", term: "", content: "" },
};

export function NewLink({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const form = useForm({ initialValues: EMPTY });
  const domains = useList("/links/domains", {}, { enabled: opened }).rows.filter(({ status }) => status === "verified");
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("New link")} size="lg" form={form} button={t("Shorten")} changes={[["/links"]]}
      submit={(values) => api.post("/links", { body: request(values) as Schema<"LinkCreate"> })} done={(made) => go(`/links/${made.id}`)}>
      <TextInput label={t("Address")} placeholder="https://example.com/spring" type="url" required data-autofocus {...form.getInputProps("url")} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput label={t("Alias")} placeholder={t("made for you")} {...form.getInputProps("alias")} />
        <TextInput label={t("Title")} {...form.getInputProps("title")} />
      </SimpleGrid>
      {domains.length > 0 && (
        <Select label={t("Domain")} clearable placeholder={t("the platform's own")} data={domains.map(({ host }) => host)}
          value={form.values.domain || null} onChange={(host) => form.setFieldValue("domain", host ?? "")} error={form.errors.domain} />
      )}
      <TagsInput label={t("Tags")} {...form.getInputProps("tags")} />
      <Accordion variant="separated" multiple>
        <Accordion.Item value="utm">
          <Accordion.Control>{t("Campaign (UTM)")}</Accordion.Control>
          <Accordion.Panel>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              {UTM.map((name) => <TextInput key={name} label={`utm_${name}`} {...form.getInputProps(`utm.${name}`)} />)}
            </SimpleGrid>
            <Text size="xs" c="dimmed" mt="xs" className="mono" style={{ overflowWrap: "anywhere" }}>{withUtm(form.values)}</Text>
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="ends">
          <Accordion.Control>{t("End and protection")}</Accordion.Control>
          <Accordion.Panel>
            <Group grow align="flex-start">
              <DateTimePicker label={t("Expires")} clearable placeholder={t("Never")} {...form.getInputProps("expiresAt")} />
              <NumberInput label={t("Most clicks")} min={1} placeholder={t("Any number")} {...form.getInputProps("maxClicks")} />
            </Group>
            <TextInput mt="sm" label={t("Afterwards lead to")} placeholder="https://…" {...form.getInputProps("fallbackUrl")} />
            <PasswordInput mt="sm" label={t("Password")} autoComplete="new-password" {...form.getInputProps("password")} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </FormDialog>
  );
}

/** What was filled in; empty fields are left to the API's defaults. */
function request({ utm, expiresAt, ...values }: typeof EMPTY): Record<string, unknown> {
  const tags = filled(utm);
  return {
    ...filled(values),
    ...(expiresAt ? { expiresAt: new Date(expiresAt).toISOString() } : {}),
    ...(Object.keys(tags).length ? { utm: tags } : {}),
  };
}

function filled(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && !(Array.isArray(value) && !value.length)));
}

function withUtm({ url, utm }: typeof EMPTY): string {
  if (!URL.canParse(url)) return "";
  const full = new URL(url);
  for (const [name, value] of Object.entries(utm)) if (value) full.searchParams.set(`utm_${name}`, value);
  return full.href;
}

import { Button, ColorInput, Group, SimpleGrid, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { BrandedMail } from "./BrandedMail";
import { body, values, type BrandingBody } from "./brand";
import { Partials } from "./Partials";

const COLORS = ["#3b5bdb", "#1971c2", "#0c8599", "#2f9e44", "#e8590c", "#c2255c", "#9c36b5", "#343a40"];

/** What every mail of the organization shares. */
export function Branding() {
  const found = useQuery({ queryKey: ["/branding"], queryFn: () => api.get("/branding") });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Form saved={found.data} />;
}

function Form({ saved }: { saved: BrandingBody }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({ initialValues: values(saved) });
  const saving = useMutation({
    mutationFn: () => api.put("/branding", { body: body(form.values) }),
    onSuccess: () => {
      notifications.show({ message: t("Saved.") });
      return queries.invalidateQueries({ queryKey: ["/branding"] });
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
      <form onSubmit={form.onSubmit(() => saving.mutate())}>
        <Stack>
          {saving.error && <ProblemAlert error={saving.error} />}
          <Panel title={t("Look of mails")}>
            <Stack gap="sm">
              <TextInput label={t("Name of the product")} required {...form.getInputProps("layout.productName")} />
              <TextInput label={t("Address of the logo")} placeholder="https://example.com/logo.png" {...form.getInputProps("layout.logoUrl")} />
              <ColorInput withEyeDropper={false} label={t("Colour of buttons and links")} swatches={COLORS} {...form.getInputProps("layout.color")} />
              <Textarea label={t("Text under every mail")} placeholder={t("such as a postal address")} autosize minRows={2} maxRows={6} {...form.getInputProps("layout.footer")} />
              <Switch label={t("Replace links by short ones, to see who follows them")} {...form.getInputProps("layout.shortLinks", { type: "checkbox" })} />
              <Textarea label={t("A frame of your own (HTML)")} description={t("{{content}} is where a mail's body goes.", { content: "{>content}" })} placeholder={t("the usual frame")}
                autosize minRows={2} maxRows={16} classNames={{ input: "mono" }} {...form.getInputProps("layout.html")} />
            </Stack>
          </Panel>
          <Partials form={form} />
          <Group justify="flex-end"><Button type="submit" loading={saving.isPending}>{t("Save")}</Button></Group>
        </Stack>
      </form>
      <BrandedMail />
    </SimpleGrid>
  );
}

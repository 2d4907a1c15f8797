import { Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { useList } from "~/kit/list";
import { Mail } from "./Mail";

/** A mail of the organization as it looks now; each saving shows it anew. */
export function BrandedMail() {
  const { t, i18n } = useTranslation();
  const templates = useList("/templates", { limit: 200 });
  const keys = templates.rows.filter(({ channels }) => channels.email).map(({ key }) => key);
  const [chosen, choose] = useState<string | null>(null);
  const key = chosen ?? keys[0] ?? "";
  const found = useQuery({
    queryKey: ["/branding", "mail", key, i18n.language],
    queryFn: () => api.post("/templates/{key}/preview", { path: { key }, body: { locale: i18n.language, data: { link: location.origin } } }),
    enabled: !!key,
  });
  const error = templates.error ?? found.error;
  const mail = found.data?.messages.find(({ channel }) => channel === "email");
  return (
    <Panel title={t("Preview")}>
      <Stack gap="sm">
        <Select label={t("Template")} allowDeselect={false} data={keys} value={key || null} onChange={choose} />
        {error ? <ProblemAlert error={error} retry={() => void (templates.error ? templates.reload() : found.refetch())} /> : !mail && <Loading />}
        {mail && <Mail html={mail.html ?? ""} title={mail.title} />}
      </Stack>
    </Panel>
  );
}

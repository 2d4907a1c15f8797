import { Anchor, Group, SegmentedControl, SimpleGrid, Stack, Switch } from "@mantine/core";
import { useThrottledCallback } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Copy } from "~/kit/Curl";
import { Download } from "~/kit/Download";
import { Loading, Page, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago, Facts } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useStream } from "~/kit/stream";
import { useParam } from "~/link";
import { Clicks } from "./Clicks";
import { QrCode } from "./QrCode";
import { Statistics } from "./Statistics";
import type { ShortLink } from "./link";

const DAYS = ["7", "30", "90"];

export function LinkPage() {
  const { t } = useTranslation();
  const id = useParam("linkId");
  const [filters, change] = useFilters();
  const found = useQuery({ queryKey: ["/links", id], queryFn: () => api.get("/links/{link_id}", { path: { link_id: id } }) as Promise<ShortLink> });
  const queries = useQueryClient();
  const look = useThrottledCallback(() => {
    void queries.invalidateQueries({ queryKey: ["/links/{link_id}/clicks", id] });
    void queries.invalidateQueries({ queryKey: ["/links", `/links/${id}/stats`] });
  }, 1000);
  useStream("/links/live", { link: id }, look);
  const link = found.data;
  if (found.error) return <Page title={t("Links")}><ProblemAlert error={found.error} retry={() => void found.refetch()} /></Page>;
  if (!link) return <Page title={t("Links")}><Loading /></Page>;
  return (
    <Page title={link.title || `/${link.code}`} hint={<Anchor href={link.url} target="_blank" rel="noopener noreferrer" size="sm">{link.url}</Anchor>}
      actions={
        <>
          <Switch label={t("With bots")} checked={filters.bots === "true"} onChange={(event) => change({ bots: event.currentTarget.checked ? "true" : undefined })} />
          <SegmentedControl aria-label={t("Days")} data={DAYS.map((value) => ({ value, label: t("{{days}} days", { days: value }) }))}
            value={filters.days ?? "30"} onChange={(days) => change({ days: days === "30" ? undefined : days })} />
        </>
      }>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title={t("Short link")}>
          <Group gap={4} mb="md"><Anchor href={link.shortUrl} target="_blank" fw={600}>{link.shortUrl}</Anchor><Copy value={link.shortUrl} /></Group>
          <Facts of={[
            [t("Created"), <Ago at={link.createdAt} />],
            [t("Expires"), <Ago at={link.expiresAt} />],
            [t("Most clicks"), link.maxClicks ?? t("Any number")],
            [t("Tags"), link.tags?.join(", ") || "–"],
          ]} />
        </Panel>
        <Panel title={t("QR code")} actions={<Download path={`/links/${id}/qr`} query={{ format: "png", size: 512 }} name={`${link.code}.png`}>PNG</Download>}>
          <QrCode text={link.shortUrl} name={link.code} />
        </Panel>
      </SimpleGrid>
      <Statistics path={`/links/${id}/stats`} days={Number(filters.days ?? 30)} bots={filters.bots === "true"} />
      <Stack gap="xs"><Clicks link={link} /></Stack>
    </Page>
  );
}

import { Text, Title } from "@mantine/core";
import { IconPointer } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Ago, State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useClickChoices } from "./choices";
import type { ShortLink } from "./link";

/** Each click and why it counts or does not, live. */
export function Clicks({ link }: { link: ShortLink }) {
  const { t } = useTranslation();
  const [{ q: referrer, classification, country, browser, device }] = useFilters();
  const wanted = { referrer, classification, country, browser, device };
  const list = useList("/links/{link_id}/clicks", { limit: 25, ...wanted }, { path: { link_id: link.id }, every: 30_000 });
  const narrowed = Object.values(wanted).some(Boolean);
  return (
    <>
      <Title order={2}>{t("Latest clicks")}</Title>
      <FilterBar search={t("Search by referrer")} choices={useClickChoices(link)} />
      <DataTable label={t("Latest clicks")} list={{ ...list, narrowed }} rowKey={(click) => click.id}
        empty={<Empty icon={IconPointer} title={t("Nobody came by yet")} hint={t("Open the short link in another tab; the click appears here.")} />}
        columns={[
          { label: t("When"), render: (click) => <Ago at={click.at} />, width: 120 },
          { label: t("Who"), render: (click) => <State of={click.classification} />, width: 100 },
          { label: t("Why"), render: (click) => <Text size="sm" c="dimmed">{click.reason}</Text> },
          { label: t("From"), render: (click) => <Text size="sm" className="truncate" maw={260}>{click.referrer || t("direct")}</Text>, wide: true },
          { label: t("Country"), render: (click) => click.country || "–", width: 90, wide: true },
          { label: t("Browser"), render: (click) => click.browser || "–", wide: true },
          { label: t("Device"), render: (click) => click.device ? t(click.device) : "–", width: 100, wide: true },
        ]} />
    </>
  );
}

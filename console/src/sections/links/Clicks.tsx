import { Text, Title } from "@mantine/core";
import { IconPointer } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { Ago, State } from "~/kit/Values";
import { useList } from "~/kit/list";

/** Each click and why it counts or does not, live. */
export function Clicks({ linkId }: { linkId: string }) {
  const { t } = useTranslation();
  const list = useList("/links/{link_id}/clicks", { limit: 25 }, { path: { link_id: linkId }, every: 30_000 });
  return (
    <>
      <Title order={2}>{t("Latest clicks")}</Title>
      <DataTable label={t("Latest clicks")} list={list} rowKey={(click) => click.id}
        empty={<Empty icon={IconPointer} title={t("Nobody came by yet")} hint={t("Open the short link in another tab; the click appears here.")} />}
        columns={[
          { label: t("When"), render: (click) => <Ago at={click.at} />, width: 120 },
          { label: t("Who"), render: (click) => <State of={click.classification} />, width: 100 },
          { label: t("Why"), render: (click) => <Text size="sm" c="dimmed">{click.reason}</Text> },
          { label: t("From"), render: (click) => click.referrer || t("direct"), wide: true },
          { label: t("Browser"), render: (click) => click.browser ?? "–", wide: true },
        ]} />
    </>
  );
}

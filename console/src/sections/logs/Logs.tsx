import { Group, SegmentedControl, Switch, Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Page } from "~/kit/Page";
import { useFilters } from "~/kit/filters";
import { Alerts } from "./Alerts";
import { DeadLetters } from "./DeadLetters";
import { Explorer } from "./Explorer";
import { Masks } from "./Masks";
import { RANGES } from "./query";
import { Retention } from "./Retention";

export function Logs() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const tab = filters.tab ?? "explore";
  return (
    <Page title={t("Logs")} fill={tab === "explore"}
      actions={tab === "explore" && (
        <Group gap="sm">
          <Switch label={t("Live")} checked={filters.live === "1"} onChange={(event) => change({ live: event.currentTarget.checked ? "1" : undefined, from: undefined, to: undefined })} />
          <SegmentedControl aria-label={t("Span of time")} data={Object.keys(RANGES)} value={filters.from ? "" : (filters.range ?? "24h")}
            onChange={(range) => change({ range, from: undefined, to: undefined })} />
        </Group>
      )}>
      <Tabs value={tab} onChange={(next) => change({ tab: next === "explore" ? undefined : (next ?? undefined), new: undefined })} keepMounted={false}
        styles={{ root: { display: "flex", flexDirection: "column", minHeight: 0, flex: tab === "explore" ? 1 : undefined }, panel: { minHeight: 0, flex: 1, paddingTop: 12 } }}>
        <Tabs.List>
          <Tabs.Tab value="explore">{t("Explore")}</Tabs.Tab>
          <Tabs.Tab value="alerts">{t("Alerts")}</Tabs.Tab>
          <Tabs.Tab value="retention">{t("Retention")}</Tabs.Tab>
          <Tabs.Tab value="masks">{t("Masking")}</Tabs.Tab>
          <Tabs.Tab value="dead-letters">{t("Dead letters")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="explore"><Explorer /></Tabs.Panel>
        <Tabs.Panel value="alerts"><Alerts /></Tabs.Panel>
        <Tabs.Panel value="retention"><Retention /></Tabs.Panel>
        <Tabs.Panel value="masks"><Masks /></Tabs.Panel>
        <Tabs.Panel value="dead-letters"><DeadLetters /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}

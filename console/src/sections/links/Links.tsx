import { Button, Stack, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Page } from "~/kit/Page";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { Domains } from "./Domains";
import { LinkTable } from "./LinkTable";
import { NewLink } from "./NewLink";

export function Links() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [creating, open, close] = useCreating();
  const tab = filters.tab ?? "links";
  return (
    <Page title={t("Links")} hint={t("Short addresses that count who follows them.")}
      actions={tab === "links" && <Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New link")}</Button>}>
      <Tabs value={tab} keepMounted={false} onChange={(next) => change({ ...Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])), tab: next === "links" ? undefined : (next ?? undefined) })}>
        <Tabs.List>
          <Tabs.Tab value="links">{t("Links")}</Tabs.Tab>
          <Tabs.Tab value="domains">{t("Domains")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="links" pt="md"><Stack><LinkTable onNew={open} /></Stack></Tabs.Panel>
        <Tabs.Panel value="domains" pt="md"><Stack><Domains /></Stack></Tabs.Panel>
      </Tabs>
      <NewLink opened={tab === "links" && creating} onClose={close} />
    </Page>
  );
}

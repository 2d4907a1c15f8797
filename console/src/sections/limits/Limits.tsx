import { Button, Stack, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Page } from "~/kit/Page";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { Dashboard } from "./Dashboard";
import { RuleForm } from "./RuleForm";
import { Rules } from "./Rules";
import { TryRequest } from "./TryRequest";

const TABS: [string, string][] = [["rules", "Rules"], ["traffic", "Traffic"], ["try", "Try a request"]];

export function Limits() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [creating, open, close] = useCreating();
  const tab = filters.tab ?? "rules";
  return (
    <Page title={t("Limits")} hint={t("How often whom may do what, decided in under a millisecond and always with a reason.")}
      actions={<Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New rule")}</Button>}>
      <Tabs value={tab} onChange={(next) => change({ tab: next === "rules" ? undefined : (next ?? undefined) })} keepMounted={false}>
        <Tabs.List>{TABS.map(([value, label]) => <Tabs.Tab key={value} value={value}>{t(label)}</Tabs.Tab>)}</Tabs.List>
        <Stack pt="md">
          <Tabs.Panel value="rules"><Rules /></Tabs.Panel>
          <Tabs.Panel value="traffic"><Dashboard /></Tabs.Panel>
          <Tabs.Panel value="try"><TryRequest /></Tabs.Panel>
        </Stack>
      </Tabs>
      <RuleForm key={String(creating)} opened={creating} onClose={close} />
    </Page>
  );
}

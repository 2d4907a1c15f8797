import { Button, Stack, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Page } from "~/kit/Page";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { Branding } from "./Branding";
import { Deliveries } from "./Deliveries";
import { Inbox } from "./Inbox";
import { Mailbox } from "./Mailbox";
import { Preferences } from "./Preferences";
import { Send } from "./Send";
import { Templates } from "./Templates";
import { Webhooks } from "./Webhooks";

const TABS: [string, string, () => React.ReactNode][] = [
  ["inbox", "Inbox", Inbox], ["deliveries", "Sent", Deliveries], ["templates", "Templates", Templates], ["branding", "Branding", Branding], ["webhooks", "Webhooks", Webhooks],
  ["mailbox", "Mailbox", Mailbox], ["preferences", "Preferences", Preferences],
];

export function Notifications() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [sending, open, close] = useCreating();
  return (
    <Page title={t("Notifications")} hint={t("In the inbox, by mail, push and webhook; each says why it came or did not.")}
      actions={<Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("Send a notification")}</Button>}>
      <Tabs value={filters.tab ?? "inbox"} keepMounted={false} onChange={(tab) => change({ ...Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])), tab: tab === "inbox" ? undefined : (tab ?? undefined) })}>
        <Tabs.List>{TABS.map(([value, label]) => <Tabs.Tab key={value} value={value}>{t(label)}</Tabs.Tab>)}</Tabs.List>
        {TABS.map(([value, , Content]) => <Tabs.Panel key={value} value={value} pt="md"><Stack><Content /></Stack></Tabs.Panel>)}
      </Tabs>
      <Send opened={sending} onClose={close} />
    </Page>
  );
}

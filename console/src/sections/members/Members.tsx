import { Button, Stack, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Page } from "~/kit/Page";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { useMay } from "~/kit/identity";
import { Invitations } from "./Invitations";
import { Invite } from "./Invite";
import { People } from "./People";

export function Members() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [inviting, open, close] = useCreating();
  const mayInvite = useMay("ADMIN");
  return (
    <Page title={t("Members")} hint={t("Who belongs to this organization, and who was asked to.")}
      actions={mayInvite && <Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("Invite somebody")}</Button>}>
      <Tabs value={filters.tab ?? "members"} onChange={(tab) => change({ tab: tab === "members" ? undefined : (tab ?? undefined), q: undefined, role: undefined, status: undefined })}>
        <Tabs.List>
          <Tabs.Tab value="members">{t("Members")}</Tabs.Tab>
          {mayInvite && <Tabs.Tab value="invitations">{t("Invitations")}</Tabs.Tab>}
        </Tabs.List>
        <Stack pt="md">{filters.tab === "invitations" ? <Invitations /> : <People />}</Stack>
      </Tabs>
      <Invite opened={inviting} onClose={close} />
    </Page>
  );
}

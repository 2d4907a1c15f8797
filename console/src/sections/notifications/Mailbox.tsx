import { Drawer, Group, Stack, Tabs, Text } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { dateTime } from "~/format";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Ago, Facts } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { Mail } from "./Mail";

/** Where mail goes while no mail server is set. */
export function Mailbox() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const list = useList("/mailbox", { to: filters.q }, { every: 4000 });
  return (
    <>
      <FilterBar search={t("Search by recipient")} />
      <DataTable label={t("Mailbox")} list={{ ...list, narrowed: !!filters.q }} rowKey={(mail) => mail.id} onOpen={(mail) => change({ mail: mail.id })} selected={filters.mail}
        empty={<Empty icon={IconMail} title={t("No mail")} hint={t("While no mail server is set, every mail lands here instead of leaving this machine.")} />}
        columns={[
          { label: t("To"), render: (mail) => <Text size="sm" className="truncate">{mail.to}</Text>, width: "30%" },
          { label: t("Subject"), render: (mail) => <Text size="sm" fw={500}>{mail.subject}</Text> },
          { label: t("Sent"), render: (mail) => <Ago at={mail.sentAt} />, width: 120, wide: true },
        ]} />
      <Drawer opened={!!filters.mail} onClose={() => change({ mail: undefined })} position="right" size="xl" title={t("Mail")} closeButtonProps={{ "aria-label": t("Close") }}>
        {filters.mail && <Opened id={filters.mail} />}
      </Drawer>
    </>
  );
}

function Opened({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["/mailbox", id], queryFn: () => api.get("/mailbox/{mail_id}", { path: { mail_id: id } }) });
  if (found.error) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const mail = found.data;
  return (
    <Stack>
      <Text fw={600}>{mail.subject}</Text>
      <Facts of={[[t("From"), mail.from], [t("To"), mail.to], [t("Sent"), dateTime(mail.sentAt)]]} />
      <Tabs defaultValue={mail.html ? "html" : "text"} keepMounted={false}>
        <Tabs.List>
          {mail.html && <Tabs.Tab value="html">HTML</Tabs.Tab>}
          <Tabs.Tab value="text">{t("Plain text")}</Tabs.Tab>
          <Tabs.Tab value="headers">{t("Headers")}</Tabs.Tab>
        </Tabs.List>
        {mail.html && <Tabs.Panel value="html" pt="sm"><Mail html={mail.html} title={mail.subject} /></Tabs.Panel>}
        <Tabs.Panel value="text" pt="sm"><Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{mail.text}</Text></Tabs.Panel>
        <Tabs.Panel value="headers" pt="sm"><Group><Facts of={Object.entries(mail.headers as Record<string, string>)} /></Group></Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

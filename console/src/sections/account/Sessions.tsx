import { Badge, Button, Group, Text, Title } from "@mantine/core";
import { IconDevices } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, type Answer } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Ago } from "~/kit/Values";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { useRemoval } from "~/kit/undo";

type Session = Answer<"/auth/sessions", "get">["data"][number];

// A handful is seen at a glance.
const MANY = 8;

export function Sessions() {
  const { t } = useTranslation();
  const list = useSearched(useList("/auth/sessions"), { text: (session) => session.device });
  const remove = useRemoval();
  return (
    <>
      <Title order={2}>{t("Sessions")}</Title>
      {(list.narrowed || list.rows.length > MANY) && <FilterBar search={t("Search by device")} />}
      <DataTable label={t("Sessions")} list={list} rowKey={(session) => session.id} empty={<Empty icon={IconDevices} title={t("No sessions")} />}
        columns={[
          {
            label: t("Device"),
            render: (session) => (
              <Group gap="xs"><Text size="sm">{device(session.device)}</Text>{session.current && <Badge color="teal">{t("This one")}</Badge>}</Group>
            ),
          },
          { label: t("Since"), render: (session) => <Ago at={session.createdAt} />, width: 120, wide: true },
          { label: t("Last used"), render: (session) => <Ago at={session.lastUsedAt} />, width: 120 },
          {
            label: "", width: 80, align: "right",
            render: (session) => session.current ? null : (
              <Button variant="subtle" color="red"
                onClick={() => remove({
                  queryKey: ["/auth/sessions"],
                  gone: (row: Session) => row.id === session.id,
                  told: t("The session was ended."),
                  commit: () => api.delete("/auth/sessions/{session_id}", { path: { session_id: session.id } }),
                })}>
                {t("End")}
              </Button>
            ),
          },
        ]} />
    </>
  );
}

/** "Chrome on Linux", as far as a user agent can be believed. */
function device(agent: string): string {
  const browser = ["Edg", "Firefox", "Chrome", "Safari", "curl", "python"].find((name) => agent.includes(name));
  const system = ["Windows", "Android", "iPhone", "Mac OS", "Linux"].find((name) => agent.includes(name));
  if (!browser) return agent.slice(0, 60) || "?";
  return [browser === "Edg" ? "Edge" : browser, system].filter(Boolean).join(" · ");
}

import { Button, Text } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Page } from "~/kit/Page";
import { Ago } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { KeyActions } from "./KeyActions";
import { NewKey } from "./NewKey";
import { Shown } from "./Shown";

export type ApiKey = Answer<"/api-keys", "get">["data"][number];

export function ApiKeys() {
  const { t } = useTranslation();
  const [creating, open, close] = useCreating();
  const [shown, show] = useState<string | null>(null);
  const list = useSearched(useList("/api-keys", { limit: 200 }), { text: ({ name, prefix, scopes }) => [name, prefix, ...scopes].join(" ") });
  return (
    <Page title={t("API keys")} hint={t("What your programs authenticate with. A key belongs to this organization and may do what its scopes say.")}
      actions={<Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New API key")}</Button>}>
      <FilterBar search={t("Search API keys")} />
      <DataTable label={t("API keys")} list={list} rowKey={(key) => key.id}
        empty={
          <Empty icon={IconKey} title={t("No keys yet")} hint={t("Make one to call the API from your programs. It is shown once.")}>
            <Button onClick={open}>{t("New API key")}</Button>
          </Empty>
        }
        columns={[
          { label: t("Name"), render: (key) => <Text size="sm" fw={500}>{key.name}</Text> },
          { label: t("Key"), render: (key) => <Text className="mono">{key.prefix}…</Text>, wide: true },
          { label: t("Scopes"), render: (key) => <Text className="mono" c="dimmed">{key.scopes.join(" ")}</Text> },
          { label: t("Last used"), render: (key) => <Ago at={key.lastUsedAt} />, width: 120, wide: true },
          { label: t("Expires"), render: (key) => <Ago at={key.expiresAt} />, width: 110, wide: true },
          { label: "", render: (key) => <KeyActions apiKey={key} show={show} />, width: 150, align: "right" },
        ]} />
      <NewKey opened={creating} onClose={close} show={show} />
      <Shown value={shown} onClose={() => show(null)} />
    </Page>
  );
}

import { Button, Text } from "@mantine/core";
import { IconFlag, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Page } from "~/kit/Page";
import { State } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useMay } from "~/kit/identity";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { FlagForm } from "./FlagForm";

export interface Feature {
  key: string;
  value: unknown;
  reason: string;
  variant?: string;
  because?: string;
  description?: string;
}

/** Every flag as it is for you, and why. */
export function Flags() {
  const { t } = useTranslation();
  const may = useMay("ADMIN");
  const [creating, open, close] = useCreating();
  const [edited, edit] = useState<Feature | null>(null);
  const list = useSearched(useList("/features"), { text: ({ key, description }) => `${key} ${description ?? ""}` });
  return (
    <Page title={t("Feature flags")} hint={t("As they are for you now, each with its reason. Programs ask through OpenFeature (OFREP).")}
      actions={may && <Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New flag")}</Button>}>
      <FilterBar search={t("Search flags")} />
      <DataTable label={t("Feature flags")} list={list} rowKey={(feature) => feature.key} onOpen={may ? edit : undefined}
        empty={<Empty icon={IconFlag} title={t("No flags")}><Curl path="/ofrep/v1/evaluate/flags" scope="tenancy:read" body={{ context: { targetingKey: "ada" } }} /></Empty>}
        columns={[
          { label: t("Flag"), render: (feature) => <Text className="mono">{feature.key}</Text> },
          { label: t("Value"), render: (feature) => <Text className="mono" fw={600}>{JSON.stringify(feature.value)}</Text>, width: 130 },
          { label: t("Reason"), render: (feature) => <State of={feature.reason} />, width: 110 },
          { label: t("Because"), render: (feature) => <Text size="sm" c="dimmed">{feature.because ?? feature.description}</Text>, wide: true },
        ]} />
      <FlagForm key={String(creating)} opened={creating} onClose={close} />
      {edited && <FlagForm opened flag={edited} onClose={() => edit(null)} />}
    </Page>
  );
}

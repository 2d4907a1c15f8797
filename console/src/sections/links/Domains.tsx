import { Button, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconPlus, IconWorldWww } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { FormDialog } from "~/kit/FormDialog";
import { Ago, State } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { RemoveButton } from "~/kit/undo";
import { DomainProof } from "./DomainProof";
import type { Domain } from "./link";

const STATES = ["pending", "verified"];

/** Domains of one's own for short links: claimed here, proven by a DNS record. */
export function Domains() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [creating, open, close] = useCreating();
  const found = useList("/links/domains");
  const list = useSearched(found, { text: ({ host }) => host, choices: { state: ({ status }) => status } });
  const form = useForm({ initialValues: { host: "" } });
  return (
    <>
      <FilterBar search={t("Search by domain")} choices={[{ name: "state", label: t("State"), options: STATES.map((value) => ({ value, label: t(value) })) }]}>
        <Button ml="auto" leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("Add a domain")}</Button>
      </FilterBar>
      <DataTable label={t("Domains")} list={list} rowKey={(domain) => domain.id} onOpen={(domain) => change({ domain: domain.id })}
        empty={
          <Empty icon={IconWorldWww} title={t("No domains yet")} hint={t("Short links can stand on a domain of yours, once a DNS record proves that it is.")}>
            <Button onClick={open}>{t("Add a domain")}</Button>
          </Empty>
        }
        columns={[
          { label: t("Domain"), render: (domain) => <Text size="sm" fw={500} className="truncate">{domain.host}</Text> },
          { label: t("State"), render: (domain) => <State of={domain.status} />, width: 120 },
          { label: t("Created"), render: (domain) => <Ago at={domain.createdAt} />, width: 120, wide: true },
          { label: "", render: (domain) => <Proof domain={domain} show={() => change({ domain: domain.id })} />, width: 110, align: "right" },
          { label: " ", render: (domain) => <Delete domain={domain} />, width: 80, align: "right", wide: true },
        ]} />
      <FormDialog opened={creating} onClose={close} title={t("Add a domain")} form={form} button={t("Add")} changes={[["/links/domains"]]}
        submit={(body) => api.post("/links/domains", { body })} done={(made) => change({ new: undefined, domain: made.id })}>
        <TextInput label={t("Domain")} placeholder="go.example.com" required data-autofocus {...form.getInputProps("host")} />
      </FormDialog>
      <DomainProof domain={found.rows.find(({ id }) => id === filters.domain)} onClose={() => change({ domain: undefined })} />
    </>
  );
}

function Proof({ domain, show }: { domain: Domain; show: () => void }) {
  const { t } = useTranslation();
  return domain.status === "pending" && <Button variant="subtle" onClick={show}>{t("Verify")}</Button>;
}

function Delete({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  return (
    <RemoveButton queryKey={["/links/domains"]} gone={(row: Domain) => row.id === domain.id} told={t("The domain {{host}} was deleted.", { host: domain.host })}
      commit={() => api.delete("/links/domains/{domain_id}", { path: { domain_id: domain.id } })}>
      {t("Delete")}
    </RemoveButton>
  );
}

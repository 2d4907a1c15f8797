import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { IconLink, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Copy, Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Page } from "~/kit/Page";
import { Ago, State } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { RemoveButton } from "~/kit/undo";
import { Link, useGo } from "~/link";
import { remove, type ShortLink } from "./link";
import { NewLink } from "./NewLink";

export function Links() {
  const { t } = useTranslation();
  const go = useGo();
  const [filters, change] = useFilters();
  const [creating, open, close] = useCreating();
  const list = useList("/links", { q: filters.q, tag: filters.tag });
  const narrowed = !!(filters.q || filters.tag);
  return (
    <Page title={t("Links")} hint={t("Short addresses that count who follows them.")}
      actions={<Button leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New link")}</Button>}>
      <FilterBar search={t("Search by address, code or title")}>
        {filters.tag && <Button variant="light" onClick={() => change({ tag: undefined })}>#{filters.tag} ×</Button>}
      </FilterBar>
      <DataTable label={t("Links")} list={{ ...list, narrowed }} rowKey={(link) => link.id} onOpen={(link) => go(`/links/${link.id}`)}
        empty={
          <Empty icon={IconLink} title={t("No links yet")} hint={t("Shorten an address here, or from a program:")}>
            <Button onClick={open}>{t("New link")}</Button>
            <Curl path="/links" scope="links:write" body={{ url: "https://example.com/spring", tags: ["spring"] }} />
          </Empty>
        }
        columns={[
          { label: t("Short link"), render: (link) => <Short link={link} /> },
          { label: t("Leads to"), render: (link) => <Text size="sm" c="dimmed" className="truncate" maw={360}>{link.title || link.url}</Text>, wide: true },
          { label: t("Tags"), wide: true, render: (link) => (
            <Group gap={4}>{link.tags?.map((tag) => <Badge key={tag} component="button" style={{ cursor: "pointer" }} onClick={() => change({ tag })}>{tag}</Badge>)}</Group>
          ) },
          { label: t("State"), render: (link) => <State of={link.status} />, width: 90 },
          { label: t("Created"), render: (link) => <Ago at={link.createdAt} />, width: 110, wide: true },
          { label: "", render: (link) => <Delete link={link} />, width: 80, align: "right", wide: true },
        ]} />
      <NewLink opened={creating} onClose={close} />
    </Page>
  );
}

function Short({ link }: { link: ShortLink }) {
  const { t } = useTranslation();
  return (
    <Group gap={4} wrap="nowrap">
      <Anchor component={Link} to={`/links/${link.id}`} size="sm" fw={500}>/{link.code}</Anchor>
      <Copy value={link.shortUrl} label={t("Copy the short link")} />
    </Group>
  );
}

function Delete({ link }: { link: ShortLink }) {
  const { t } = useTranslation();
  return (
    <RemoveButton queryKey={["/links"]} gone={(row: ShortLink) => row.id === link.id} told={t("/{{code}} was deleted.", { code: link.code })}
      commit={() => remove(link.id)}>
      {t("Delete")}
    </RemoveButton>
  );
}

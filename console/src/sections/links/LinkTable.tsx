import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { number } from "~/format";
import { Copy, Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Ago, State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { RemoveButton } from "~/kit/undo";
import { Link, useGo } from "~/link";
import { remove, type ShortLink } from "./link";

export function LinkTable({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const [filters, change] = useFilters();
  const list = useList("/links", { q: filters.q, tag: filters.tag, clicks: true });
  const narrowed = !!(filters.q || filters.tag);
  return (
    <>
      <FilterBar search={t("Search by address, code or title")}>
        {filters.tag && <Button variant="light" onClick={() => change({ tag: undefined })}>#{filters.tag} ×</Button>}
      </FilterBar>
      <DataTable label={t("Links")} list={{ ...list, narrowed }} rowKey={(link) => link.id} onOpen={(link) => go(`/links/${link.id}`)}
        empty={
          <Empty icon={IconLink} title={t("No links yet")} hint={t("Shorten an address here, or from a program:")}>
            <Button onClick={onNew}>{t("New link")}</Button>
            <Curl path="/links" scope="links:write" body={{ url: "https://example.com/spring", tags: ["spring"] }} />
          </Empty>
        }
        columns={[
          { label: t("Short link"), render: (link) => <Short link={link} /> },
          { label: t("Leads to"), render: (link) => <Text size="sm" c="dimmed" className="truncate" maw={360}>{link.title || link.url}</Text>, wide: true },
          { label: t("Tags"), wide: true, render: (link) => (
            <Group gap={4}>{link.tags?.map((tag) => <Badge key={tag} component="button" style={{ cursor: "pointer" }} onClick={() => change({ tag })}>{tag}</Badge>)}</Group>
          ) },
          { label: t("Clicks in 30 days"), render: (link) => link.clicks == null ? "–" : number(link.clicks), width: 130, align: "right" },
          { label: t("State"), render: (link) => <State of={link.status} />, width: 90 },
          { label: t("Created"), render: (link) => <Ago at={link.createdAt} />, width: 110, wide: true },
          { label: "", render: (link) => <Delete link={link} />, width: 80, align: "right", wide: true },
        ]} />
    </>
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

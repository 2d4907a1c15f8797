import { SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { send, type Query } from "~/api/client";
import { compact } from "~/format";
import { Link } from "~/link";
import classes from "./Today.module.css";

const since = () => new Date(new Date().setHours(0, 0, 0, 0)).toISOString();
const until = () => new Date(Date.now() + 60_000).toISOString();

interface Tile {
  to: string;
  label: string;
  path: string;
  query: () => Query;
  figure: (answer: any) => number;
  /** A text and the figure in it. */
  note: (answer: any) => [string, number];
}

const sum = (rows: any[] = [], name: string): number => rows.reduce((total, row) => total + (row[name] ?? 0), 0);

const TILES: Tile[] = [
  { to: "/chat", label: "Unread messages", path: "/rooms", query: () => ({ limit: 200 }), figure: ({ data }) => sum(data, "unreadCount"), note: ({ data }) => ["{{count}} rooms", data.length] },
  { to: "/links", label: "Clicks", path: "/links/stats", query: () => ({ from: since() }), figure: ({ totalClicks }) => totalClicks, note: ({ uniqueVisitors }) => ["{{count}} visitors", uniqueVisitors] },
  { to: "/logs", label: "Log lines", path: "/logs/histogram", query: () => ({ from: since(), to: until(), step: 3600 }), figure: ({ buckets }) => sum(buckets, "count"), note: ({ buckets }) => ["{{count}} errors", buckets.reduce((n: number, b: any) => n + (b.levels?.error ?? 0) + (b.levels?.fatal ?? 0), 0)] },
  { to: "/limits", label: "Requests checked", path: "/limits/stats", query: () => ({ from: since(), to: until(), step: 3600 }), figure: ({ series }) => sum(series, "allowed") + sum(series, "denied"), note: ({ series }) => ["{{count}} denied", sum(series, "denied")] },
  { to: "/payments", label: "Payments", path: "/payments/totals", query: () => ({ from: since() }), figure: ({ data }) => sum(data, "count"), note: ({ data }) => ["{{count}} succeeded", sum(data.filter(({ status }: any) => status === "SUCCESS"), "count")] },
  { to: "/notifications", label: "In your inbox", path: "/inbox/unread-count", query: () => ({}), figure: ({ count }) => count, note: ({ count }) => ["{{count}} unread", count] },
];

/** Today's figure of each service, and the way to it. */
export function Today() {
  return <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">{TILES.map((tile) => <Figure key={tile.path} tile={tile} />)}</SimpleGrid>;
}

function Figure({ tile }: { tile: Tile }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: [tile.path, "today"], queryFn: () => send("get", tile.path, { query: tile.query() }), refetchInterval: 10_000 });
  const noted = found.data ? tile.note(found.data) : null;
  return (
    <Link to={tile.to} className={`surface ${classes.tile}`}>
      <Text size="xs" c="dimmed">{t(tile.label)}</Text>
      <Text fz={20} fw={600} className="num" lh={1.3}>{found.data ? compact(tile.figure(found.data)) : found.error ? "!" : "…"}</Text>
      <Text size="xs" c="dimmed">{noted ? t(noted[0], { count: noted[1] }) : found.error ? t("not available") : " "}</Text>
    </Link>
  );
}

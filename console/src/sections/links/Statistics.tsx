import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { send } from "~/api/client";
import { date, number } from "~/format";
import { Bars } from "~/kit/Bars";
import { Figures, Shares } from "~/kit/Figures";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import type { Stats } from "./link";

const BLUE = "var(--mantine-primary-color-filled)";

/** Figures of one link, or of all; whoever shows one link fetches them anew as clicks come in. */
export function Statistics({ path, days, bots }: { path: string; days: number; bots: boolean }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["/links", path, days, bots],
    queryFn: () => send("get", path, { query: { from: daysAgo(days), bots, tz: Intl.DateTimeFormat().resolvedOptions().timeZone } }) as Promise<Stats>,
    refetchInterval: 30_000,
  });
  if (found.error && !found.data) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const stats = found.data;
  const groups: [string, Stats["referrers"], string?][] = [
    [t("Referrers"), stats.referrers, t("direct")], [t("Countries"), stats.countries], [t("Devices"), stats.devices],
    [t("Browsers"), stats.browsers], [t("Operating systems"), stats.operatingSystems], [t("Languages"), stats.languages],
  ];
  return (
    <>
      <Figures of={[
        { label: t("Clicks"), value: number(stats.totalClicks) },
        { label: t("Visitors"), value: number(stats.uniqueVisitors) },
        { label: t("Bots"), value: number(stats.bots), note: t("not counted as clicks") },
      ]} />
      <Panel title={t("Clicks per day")}>
        <Bars label={t("Clicks per day")} height={130}
          bars={stats.perDay.map((day) => ({ at: day.date, label: date(day.date), parts: [{ name: t("Clicks"), value: day.clicks, color: BLUE }] }))} />
      </Panel>
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }}>
        {groups.map(([title, of, nameless = t("unknown")]) => (
          <Panel key={title} title={title}><Shares rows={of.map(({ value, clicks }) => ({ name: value || nameless, value: clicks })).slice(0, 8)} empty={t("Nothing yet")} /></Panel>
        ))}
      </SimpleGrid>
    </>
  );
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

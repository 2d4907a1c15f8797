import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { number, percent, time } from "~/format";
import { Bars } from "~/kit/Bars";
import { Figures, Shares } from "~/kit/Figures";
import { Loading, Panel } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";

interface Point {
  at: string;
  allowed: number;
  denied: number;
  shadowDenied: number;
}

const HOUR = 3_600_000;
const lastHour = () => ({ from: new Date(Date.now() - HOUR).toISOString(), to: new Date().toISOString() });

/** The last hour, live. */
export function Dashboard() {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["/limits/stats"],
    queryFn: () => api.get("/limits/stats", { query: { ...lastHour(), step: 60 } }) as Promise<{ series: Point[] }>,
    refetchInterval: 3000,
  });
  if (found.error && !found.data) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const series = found.data.series;
  const sum = (name: "allowed" | "denied" | "shadowDenied") => series.reduce((total, point) => total + point[name], 0);
  const all = sum("allowed") + sum("denied");
  return (
    <Stack>
      <Figures of={[
        { label: t("Requests in the last hour"), value: number(all) },
        { label: t("Allowed"), value: number(sum("allowed")), note: percent(sum("allowed"), all) },
        { label: t("Denied"), value: number(sum("denied")), note: percent(sum("denied"), all) },
        { label: t("Denied in shadow"), value: number(sum("shadowDenied")), note: t("let through") },
      ]} />
      <Panel title={t("Requests per minute")}>
        <Bars label={t("Requests per minute")} height={130} bars={series.map((point) => ({
          at: point.at, label: time(point.at), parts: [
            { name: t("Allowed"), value: point.allowed, color: "var(--mantine-color-teal-6)" },
            { name: t("Denied"), value: point.denied, color: "var(--mantine-color-red-6)" },
          ],
        }))} />
      </Panel>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {["route", "user", "rule"].map((by) => <Panel key={by} title={t(`By ${by}`)}><Top by={by} /></Panel>)}
      </SimpleGrid>
    </Stack>
  );
}

function Top({ by }: { by: string }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["/limits/top", by],
    queryFn: () => api.get("/limits/top", { query: { by, ...lastHour() } }),
    refetchInterval: 5000,
  });
  if (found.error && !found.data) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading rows={3} />;
  const rows = found.data.data.map(({ name, key, allowed, denied }) => ({ name: name ?? key, value: allowed + denied }));
  return <Shares rows={rows.slice(0, 8)} empty={t("Nothing yet")} />;
}

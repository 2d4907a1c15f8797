import { Box, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Query } from "~/api/client";
import { dateTime } from "~/format";
import { Bars } from "~/kit/Bars";
import { ProblemAlert } from "~/kit/Problems";
import { LEVEL_COLORS, LEVELS, step } from "./query";

interface HistogramProps {
  query: Query;
  within: { from: string; to: string };
  onBrush: (from: string, to: string) => void;
}

interface Bucket {
  at: string;
  count: number;
  levels: Record<string, number>;
}

/** How many lines when, by level. Empty steps are drawn too, so that the axis is time. */
export function Histogram({ query, within, onBrush }: HistogramProps) {
  const { t } = useTranslation();
  const seconds = step(within);
  const found = useQuery({
    queryKey: ["/logs/histogram", query, within],
    queryFn: () => api.get("/logs/histogram", { query: { ...query, ...within, step: seconds } }) as Promise<{ buckets: Bucket[] }>,
    placeholderData: (before) => before,
  });
  if (found.error && !found.data) return <ProblemAlert error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={92} aria-busy="true" />;
  const bars = everyStep(found.data.buckets, within, seconds).map((bucket) => ({
    at: bucket.at,
    label: dateTime(bucket.at),
    parts: LEVELS.filter((level) => bucket.levels[level]).map((level) => ({ name: level, value: bucket.levels[level]!, color: LEVEL_COLORS[level]! })),
  }));
  return (
    <Box className="surface" px="sm" pt="xs">
      <Bars label={t("Lines over time; drag to choose a span")} height={64} bars={bars}
        onBrush={(from, to) => onBrush(from.at, new Date(new Date(to.at).getTime() + seconds * 1000).toISOString())} />
    </Box>
  );
}

function everyStep(buckets: Bucket[], { from, to }: { from: string; to: string }, seconds: number): Bucket[] {
  const found = new Map(buckets.map((bucket) => [Math.floor(new Date(bucket.at).getTime() / 1000 / seconds), bucket]));
  const [first, last] = [from, to].map((at) => Math.floor(new Date(at).getTime() / 1000 / seconds)) as [number, number];
  return Array.from({ length: Math.min(400, last - first + 1) }, (_, index) =>
    found.get(first + index) ?? { at: new Date((first + index) * seconds * 1000).toISOString(), count: 0, levels: {} });
}

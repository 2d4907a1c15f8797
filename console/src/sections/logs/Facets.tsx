import { Anchor, Group, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Query } from "~/api/client";
import { compact } from "~/format";
import { useFilters } from "~/kit/filters";
import { withFilter } from "./query";

const FIELDS = ["level", "service", "status", "method"];

interface FacetProps {
  query: Query;
  within: { from: string; to: string };
}

export function Facets(props: FacetProps) {
  return <Stack gap="md">{FIELDS.map((field) => <Facet key={field} field={field} {...props} />)}</Stack>;
}

export function useFacet(field: string, { query, within }: FacetProps, enabled = true) {
  return useQuery({
    queryKey: ["/logs/facets", field, query, within],
    queryFn: () => api.get("/logs/facets", { query: { ...query, ...within, field } }).then(values),
    placeholderData: (before) => before,
    enabled,
  });
}

/** The commonest values of a field; a click narrows the search to one. */
function Facet({ field, ...asked }: FacetProps & { field: string }) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const answer = useFacet(field, asked);
  const found = answer.data ?? [];
  if (answer.error && !answer.data) {
    return <Text size="xs" c="dimmed">{t(field)}: {t("not available")} <Anchor component="button" size="xs" onClick={() => void answer.refetch()}>{t("Try again")}</Anchor></Text>;
  }
  if (answer.isPending) return <Skeleton height={60} />;
  if (!found.length) return null;
  return (
    <div>
      <Text size="xs" c="dimmed" fw={600} mb={2}>{t(field)}</Text>
      {found.slice(0, 8).map(({ value, count }) => (
        <UnstyledButton key={value} w="100%" mih={24} onClick={() => change({ q: withFilter(filters.q, field, value) })}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm" className="truncate">{value}</Text>
            <Text size="xs" c="dimmed" className="num">{compact(count)}</Text>
          </Group>
        </UnstyledButton>
      ))}
    </div>
  );
}

function values(answer: any): { value: string; count: number }[] {
  return (answer?.values ?? answer?.data ?? []).map((row: any) => ({ value: String(row.value), count: row.count })).filter((row: any) => row.value);
}

/** Searching a list whose API cannot: among the rows that are here, fetching more of them while few fit. */
import { useEffect } from "react";
import { useFilters } from "./filters";
import type { List } from "./list";

const ENOUGH = 20;
// Somebody with a million rows shall not fetch them all by a typing error.
const FARTHEST = 2000;

interface Search<Row> {
  /** What a row says, for the words to be found in. */
  text: (row: Row) => string;
  /** The choices that concern rows, by their name in the URL. */
  choices?: Record<string, (row: Row) => string>;
  /** Where the words stand in the URL. */
  name?: string;
}

export function useSearched<Row>(list: List<Row>, { text, choices = {}, name = "q" }: Search<Row>): List<Row> {
  const [filters] = useFilters();
  const words = (filters[name] ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = Object.entries(choices).filter(([choice]) => filters[choice]);
  const fits = (row: Row) =>
    chosen.every(([choice, of]) => of(row) === filters[choice]) && words.every((word) => text(row).toLowerCase().includes(word));
  const narrowed = words.length > 0 || chosen.length > 0;
  const rows = narrowed ? list.rows.filter(fits) : list.rows;
  const looking = narrowed && list.hasMore && !list.failedMore && rows.length < ENOUGH && list.rows.length < FARTHEST;
  useEffect(() => {
    if (looking && !list.loadingMore) list.more();
  }, [looking, list.loadingMore, list.rows.length]);
  return { ...list, rows, narrowed: narrowed || list.narrowed, loading: list.loading || (looking && !rows.length) };
}

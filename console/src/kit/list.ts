import { useInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { send, type Query } from "~/api/client";

export interface List<Row> {
  rows: Row[];
  error: unknown;
  loading: boolean;
  /** Whether older rows follow; `more` fetches them. */
  hasMore: boolean;
  loadingMore: boolean;
  more: () => void;
  reload: () => void;
}

interface Answered<Row> {
  data: Row[];
  nextCursor?: string | null;
}

/** A list of the API (`{data, nextCursor}`), page by page. */
export function useList<Row>(path: string, query: Query = {}, options: { key?: QueryKey; every?: number; enabled?: boolean } = {}): List<Row> {
  const found = useInfiniteQuery({
    queryKey: options.key ?? [path, query],
    queryFn: ({ pageParam, signal }) =>
      send("get", path, { query: { ...query, cursor: pageParam }, signal }) as Promise<Answered<Row>>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    refetchInterval: options.every,
    enabled: options.enabled,
  });
  return {
    rows: found.data?.pages.flatMap((page) => page.data) ?? [],
    error: found.data ? null : found.error,
    loading: found.isPending,
    hasMore: found.hasNextPage,
    loadingMore: found.isFetchingNextPage,
    more: () => void found.fetchNextPage(),
    reload: () => void found.refetch(),
  };
}

import { useInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { send, type Answer, type Filter, type PathWith, type Query } from "~/api/client";

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

export type RowOf<P> = Answer<P, "get"> extends { data: (infer Row)[] } ? Row : never;

interface Settings {
  /** Values of the path's `{placeholders}`. */
  path?: Record<string, string>;
  key?: QueryKey;
  /** Milliseconds between two looks. */
  every?: number;
  enabled?: boolean;
}

/** A list of the API (`{data, nextCursor}`), page by page. */
export function useList<P extends PathWith<"get">>(path: P, query: Filter<P> = {} as Filter<P>, options: Settings = {}): List<RowOf<P>> {
  const found = useInfiniteQuery({
    queryKey: options.key ?? [path, ...Object.values(options.path ?? {}), query],
    queryFn: ({ pageParam, signal }) =>
      send("get", path, { path: options.path, query: { ...(query as Query), cursor: pageParam }, signal }) as Promise<Answered<RowOf<P>>>,
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

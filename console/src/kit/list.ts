import { useInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { useMemo } from "react";
import { send, type Answer, type Filter, type PathWith, type Query } from "~/api/client";

export interface List<Row> {
  rows: Row[];
  error: unknown;
  loading: boolean;
  /** Whether older rows follow; `more` fetches them. */
  hasMore: boolean;
  loadingMore: boolean;
  /** Whether the last `more` failed; another `more` tries again. */
  failedMore?: boolean;
  /** Whether something is searched or filtered for, so that no rows does not mean that there are none. */
  narrowed?: boolean;
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
  /** Pages that were read once are not read again, however many there are by now. */
  still?: boolean;
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
    ...(options.still ? { staleTime: Infinity } : {}),
  });
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  return {
    rows,
    error: found.data ? null : found.error,
    loading: found.isPending,
    hasMore: found.hasNextPage,
    loadingMore: found.isFetchingNextPage,
    failedMore: found.isFetchNextPageError,
    more: () => void found.fetchNextPage(),
    reload: () => void found.refetch(),
  };
}

/** Rows that came as a whole, as a list. */
export function wholeList<Row>(rows: Row[] | undefined, reload: () => void = () => undefined): List<Row> {
  return { rows: rows ?? [], error: null, loading: rows === undefined, hasMore: false, loadingMore: false, more: () => undefined, reload };
}

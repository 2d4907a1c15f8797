import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Filters = Record<string, string | undefined>;

/** Filters live in the URL, so that a view can be sent to somebody and the back button works. */
export function useFilters(): [Filters, (change: Filters) => void] {
  const filters = useSearch({ strict: false }) as Filters;
  const navigate = useNavigate();
  const change = useCallback(
    (some: Filters) => {
      void navigate({
        to: ".",
        search: (before: Filters) => Object.fromEntries(Object.entries({ ...before, ...some }).filter(([, v]) => v)),
        replace: true,
      } as never);
    },
    [navigate],
  );
  return [filters, change];
}

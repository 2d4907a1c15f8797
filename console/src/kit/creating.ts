import { useCallback } from "react";
import { useFilters } from "./filters";

/** Whether the section's creation form is open. It is part of the URL (`?new=1`), so the palette and links can open it. */
export function useCreating(): [boolean, () => void, () => void] {
  const [filters, change] = useFilters();
  const open = useCallback(() => change({ new: "1" }), [change]);
  const close = useCallback(() => change({ new: undefined }), [change]);
  return [filters.new === "1", open, close];
}

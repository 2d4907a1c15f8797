import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { newId } from "~/api/client";
import { tellProblem } from "./Problems";

const UNDO_MS = 5000;
const waiting = new Map<string, () => void>();

interface Removal {
  /** Begins the keys of the queries whose lists show it. */
  queryKey: QueryKey;
  /** Which row leaves them. */
  gone: (row: never) => boolean;
  told: string;
  commit: () => Promise<unknown>;
}

/** Take something away at once, do it after five seconds, and offer to undo it until then. */
export function useRemoval(): (removal: Removal) => void {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return ({ queryKey, gone, told, commit }) => {
    const id = newId();
    const before = queries.getQueriesData({ queryKey });
    queries.setQueriesData({ queryKey }, (data: unknown) => without(data, gone as (row: unknown) => boolean));
    const restore = () => before.forEach(([key, data]) => queries.setQueryData(key, data));
    const finish = () => {
      if (!waiting.delete(id)) return;
      clearTimeout(timer);
      notifications.hide(id);
      commit().catch((error: unknown) => (restore(), tellProblem(error))).finally(() => void queries.invalidateQueries({ queryKey }));
    };
    const undo = () => {
      waiting.delete(id);
      clearTimeout(timer);
      notifications.hide(id);
      restore();
    };
    const timer = setTimeout(finish, UNDO_MS);
    waiting.set(id, finish);
    notifications.show({
      id,
      autoClose: false,
      withCloseButton: false,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{told}</Text>
          <Button variant="subtle" size="compact-sm" onClick={undo}>{t("Undo")}</Button>
        </Group>
      ),
    });
  };
}

/** In a row of a list: takes that row away, and offers to undo it. */
export function RemoveButton({ children, ...removal }: Removal & { children: ReactNode }) {
  const remove = useRemoval();
  return <Button variant="subtle" color="red" onClick={() => remove(removal)}>{children}</Button>;
}

// Whoever closes the page did not undo.
addEventListener("pagehide", () => [...waiting.values()].forEach((finish) => finish()));

function without(data: unknown, gone: (row: unknown) => boolean): unknown {
  if (Array.isArray(data)) return data.filter((row) => !gone(row));
  if (!data || typeof data !== "object") return data;
  if ("pages" in data) return { ...data, pages: (data.pages as unknown[]).map((page) => without(page, gone)) };
  if ("data" in data) return { ...data, data: without(data.data, gone) };
  return data;
}

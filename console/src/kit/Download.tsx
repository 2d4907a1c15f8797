import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { answer, type Query } from "~/api/client";
import { tellProblem } from "./Problems";

/** Saves an answer of the API as a file; a plain link could not name the organization. */
export function Download({ path, query, name, children }: { path: string; query?: Query; name: string; children: ReactNode }) {
  const saving = useMutation({
    mutationFn: async () => {
      const response = await answer("get", path, { query, headers: { Accept: "*/*" } });
      const address = URL.createObjectURL(await response.blob());
      const link = Object.assign(document.createElement("a"), { href: address, download: name });
      link.click();
      URL.revokeObjectURL(address);
    },
    onError: tellProblem,
  });
  return <Button variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>{children}</Button>;
}

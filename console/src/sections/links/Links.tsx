import { Page } from "~/kit/Page";
export function Links() {
  return <Page title="Links">…</Page>;
}

import { Page } from "~/kit/Page";
export function LinkPage() {
  return <Page title="LinkPage">…</Page>;
}

import { Page } from "~/kit/Page";
export function Limits() {
  return <Page title="Limits">…</Page>;
}

import { Page } from "~/kit/Page";
export function Payments() {
  return <Page title="Payments">…</Page>;
}

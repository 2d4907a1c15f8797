import { Page } from "~/kit/Page";
export function Billing() {
  return <Page title="Billing">…</Page>;
}

import { Page } from "~/kit/Page";
export function PaymentPage() {
  return <Page title="PaymentPage">…</Page>;
}

import { Page } from "~/kit/Page";
export function Notifications() {
  return <Page title="Notifications">…</Page>;
}

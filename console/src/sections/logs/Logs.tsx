import { Page } from "~/kit/Page";
export function Logs() {
  return <Page title="Logs">…</Page>;
}

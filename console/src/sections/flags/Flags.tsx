import { Page } from "~/kit/Page";
export function Flags() {
  return <Page title="Flags">…</Page>;
}

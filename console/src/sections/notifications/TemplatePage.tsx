import { Page } from "~/kit/Page";
export function TemplatePage() {
  return <Page title="TemplatePage">…</Page>;
}

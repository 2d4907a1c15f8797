import { Page } from "~/kit/Page";
export function TaskPage() {
  return <Page title="TaskPage">…</Page>;
}

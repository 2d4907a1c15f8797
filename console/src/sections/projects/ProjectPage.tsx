import { Page } from "~/kit/Page";
export function ProjectPage() {
  return <Page title="ProjectPage">…</Page>;
}

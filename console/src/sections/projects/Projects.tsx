import { Page } from "~/kit/Page";
export function Projects() {
  return <Page title="Projects">…</Page>;
}

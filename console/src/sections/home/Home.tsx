import { Page } from "~/kit/Page";
export function Home() {
  return <Page title="Home">…</Page>;
}

import { Page } from "~/kit/Page";
export function Chat() {
  return <Page title="Chat">…</Page>;
}

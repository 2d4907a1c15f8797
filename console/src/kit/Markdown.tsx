import { lazy, Suspense } from "react";
import { loaded } from "./loaded";

const Rendered = lazy(() => loaded(() => import("./RenderedMarkdown")));

/** What people wrote. HTML in it stays text; images are not fetched. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="prose">
      <Suspense fallback={<span style={{ whiteSpace: "pre-wrap" }}>{text}</span>}>
        <Rendered text={text} />
      </Suspense>
    </div>
  );
}

import { lazy, Suspense } from "react";
import { patiently } from "./patience";

const Rendered = lazy(() => patiently(() => import("./RenderedMarkdown")));

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

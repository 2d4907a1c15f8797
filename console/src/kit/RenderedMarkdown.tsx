import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

// Links open elsewhere and learn nothing of where they were clicked; an image becomes a link to it.
const components = {
  a: ({ href, children }: { href?: string; children?: React.ReactNode }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a>
  ),
  img: ({ src, alt }: { src?: string | Blob; alt?: string }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noopener noreferrer nofollow">{alt || "image"}</a>
  ),
};

export default function RenderedMarkdown({ text }: { text: string }) {
  return <ReactMarkdown remarkPlugins={[remarkGfm]} components={components}>{text}</ReactMarkdown>;
}

/** A mail's HTML in a frame without scripts, forms, popups or this origin; the page's policy keeps its images from loading. */
export function Mail({ html, title }: { html: string; title: string }) {
  return (
    <iframe sandbox="" srcDoc={html} title={title} style={{ width: "100%", height: 380, border: 0, background: "white", borderRadius: 6 }} />
  );
}

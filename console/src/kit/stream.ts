import { useEffect, useRef, useState } from "react";
import { answer, type Query } from "~/api/client";

export interface ServerEvent {
  event: string;
  data: string;
  id?: string;
}

/**
 * Server-sent events, read with `fetch` because an `EventSource` cannot name the organization. Reconnects with growing
 * pauses and `Last-Event-ID`; returns whether it is connected.
 */
export function useStream(path: string, query: Query, onEvent: (event: ServerEvent) => void, enabled = true): boolean {
  const [connected, setConnected] = useState(false);
  const react = useRef(onEvent);
  react.current = onEvent;
  const asked = JSON.stringify(query);
  useEffect(() => {
    if (!enabled) return;
    const stop = new AbortController();
    void follow(path, JSON.parse(asked) as Query, (event) => react.current(event), setConnected, stop.signal);
    return () => {
      stop.abort();
      setConnected(false);
    };
  }, [path, asked, enabled]);
  return connected;
}

async function follow(path: string, query: Query, react: (event: ServerEvent) => void, connected: (is: boolean) => void, signal: AbortSignal) {
  let last: string | undefined;
  for (let pause = 500; !signal.aborted; pause = Math.min(pause * 2, 15_000)) {
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
      const response = await answer("get", path, { query, headers, signal });
      connected(true);
      pause = 250;
      for await (const event of events(response.body!)) {
        last = event.id ?? last;
        react(event);
      }
    } catch {
      if (signal.aborted) return;
    }
    connected(false);
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block: string): ServerEvent | null {
  const fields: Record<string, string[]> = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) (fields[line.slice(0, at)] ??= []).push(line.slice(at + 1).replace(/^ /, ""));
  }
  if (!fields.data) return null;
  return { event: fields.event?.[0] ?? "message", data: fields.data.join("\n"), id: fields.id?.[0] };
}

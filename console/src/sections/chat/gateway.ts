/**
 * The gateway's connection: says hello with the session's cookie, reconnects with growing pauses, and hands frames on.
 *
 * Each hello names how far this page is in which room, so the gateway sends what was missed and nothing twice.
 */
import type { Connection, Frame } from "./wire";

const LONGEST_PAUSE_MS = 8000;

interface Listener {
  frame: (frame: Frame) => void;
  state: (state: Connection) => void;
  /** The last `seq` by room. */
  positions: () => Record<string, number>;
}

export class Gateway {
  private socket: WebSocket | null = null;
  private pause = 250;
  private timer: number | undefined;
  private heartbeat: number | undefined;
  private stopped = false;

  constructor(
    private readonly organizationId: string,
    private readonly listener: Listener,
  ) {
    addEventListener("online", this.connect);
    addEventListener("offline", this.drop);
    void this.connect();
  }

  send(frame: Frame): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.connect);
    removeEventListener("offline", this.drop);
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    this.socket?.close(1000);
  }

  private connect = async (): Promise<void> => {
    clearTimeout(this.timer);
    if (this.stopped || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    this.listener.state("connecting");
    const url = await gatewayUrl().catch(() => null);
    if (!url) return this.again();
    if (this.stopped) return;
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.send({ type: "hello", organizationId: this.organizationId, rooms: this.listener.positions() });
    socket.onmessage = ({ data }) => this.received(JSON.parse(data as string) as Frame);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      clearInterval(this.heartbeat);
      this.socket = null;
      if (!this.stopped) this.again();
    };
  };

  private received(frame: Frame): void {
    if (frame.type === "welcome") {
      this.pause = 250;
      this.heartbeat = window.setInterval(() => this.send({ type: "ping" }), frame.heartbeatMs ?? 25_000);
      this.listener.state("online");
    }
    this.listener.frame(frame);
  }

  private again(): void {
    this.listener.state(navigator.onLine ? "connecting" : "offline");
    this.timer = window.setTimeout(this.connect, this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private drop = (): void => this.socket?.close();
}

let known: string | undefined;

async function gatewayUrl(): Promise<string> {
  known ??= ((await (await fetch("/console/settings.json")).json()) as { gatewayUrl: string }).gatewayUrl;
  return known;
}

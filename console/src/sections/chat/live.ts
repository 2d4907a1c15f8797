/** Chat as this page knows it: messages by room, what is not yet acknowledged, who types, who is there. */
import { useSyncExternalStore } from "react";
import { api, newId } from "~/api/client";
import { patiently } from "~/kit/patience";
import { ChatClient } from "./client";
import type { Connection, Frame, Message, Pending } from "./wire";

const TYPING_LASTS_MS = 5000;
const TYPING_EVERY_MS = 3000;

export interface Snapshot {
  connection: Connection;
  messages: Record<string, Message[]>;
  /** Rooms whose first message is here. */
  complete: Record<string, boolean>;
  pending: Pending[];
  typing: Record<string, Record<string, number>>;
  presence: Record<string, string>;
  /** Grows when a room's summary (unread counts, name, members) has changed. */
  roomsVersion: number;
}

export class Live {
  private state: Snapshot = { connection: "connecting", messages: {}, complete: {}, pending: [], typing: {}, presence: {}, roomsVersion: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly gateway: ChatClient;
  private readonly toldTyping: Record<string, number> = {};
  /** The last message of each room that is known to exist. */
  private readonly heard: Record<string, number> = {};

  constructor(readonly organizationId: string) {
    this.gateway = new ChatClient({
      url: gatewayUrl,
      organizationId,
      onFrame: (frame) => this.apply(frame),
      onState: (state) => this.set({ connection: state === "closed" ? "offline" : state }),
    });
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = () => this.state;
  stop = () => this.gateway.stop();

  /** The newest messages of a room, or those before the oldest that is here. */
  async load(roomId: string): Promise<void> {
    const known = this.state.messages[roomId];
    const beforeSeq = known?.[0]?.seq;
    if (this.state.complete[roomId]) return;
    const answer = await api.get("/rooms/{room_id}/messages", { path: { room_id: roomId }, query: { beforeSeq, limit: 50 } });
    const found = answer.data as Message[];
    const oldest = found.reduce((least, message) => Math.min(least, message.seq), beforeSeq ?? 1);
    this.merge(roomId, found);
    this.catchUp(roomId);
    // What is older than a withheld message is withheld as well.
    if (!found.length || oldest <= 1 || found.some(({ withheld }) => withheld)) this.set({ complete: { ...this.state.complete, [roomId]: true } });
  }

  post(roomId: string, body: string, replyTo?: string): void {
    const pending: Pending = { clientMessageId: newId(), roomId, body, replyTo };
    this.set({ pending: [...this.state.pending, pending] });
    this.transmit(pending);
  }

  /** What failed is tried again under the same id, so it is stored once. */
  retry(pending: Pending): void {
    this.set({ pending: this.state.pending.map((one) => (one === pending ? { ...one, failed: undefined } : one)) });
    this.transmit(pending);
  }

  typing(roomId: string): void {
    if (Date.now() - (this.toldTyping[roomId] ?? 0) < TYPING_EVERY_MS) return;
    this.toldTyping[roomId] = Date.now();
    this.gateway.typing(roomId);
  }

  read(roomId: string, seq: number): void {
    this.gateway.read(roomId, seq);
  }

  follow(roomId: string): void {
    this.gateway.watch(roomId);
  }

  /** An answer of the API about a message that changed; the gateway tells the same, later. */
  changed(message: Message): void {
    this.merge(message.roomId, [message]);
  }

  private transmit({ clientMessageId, roomId, body, replyTo }: Pending): void {
    this.gateway
      .send(roomId, body, { clientMessageId, replyTo })
      .then(() => this.acknowledge(clientMessageId))
      .catch((refusal: Error) => this.fail(clientMessageId, refusal.message));
  }

  private apply(frame: Frame): void {
    switch (frame.type) {
      case "welcome":
        this.touchRooms();
        break;
      case "message":
        this.acknowledge(frame.clientMessageId);
        this.arrive(frame as unknown as Message);
        break;
      case "edited":
      case "deleted":
        this.merge(frame.roomId, [frame as unknown as Message]);
        break;
      case "reaction":
        this.patch(frame.roomId, frame.id, { reactions: frame.reactions });
        break;
      case "typing":
        this.set({ typing: { ...this.state.typing, [frame.roomId]: Object.fromEntries((frame.userIds as string[]).map((id) => [id, Date.now() + TYPING_LASTS_MS])) } });
        setTimeout(() => this.set({}), TYPING_LASTS_MS + 50);
        break;
      case "presence":
        this.set({ presence: { ...this.state.presence, [frame.userId]: frame.status } });
        break;
      case "room":
        this.hear(frame.roomId, frame.lastSeq as number);
        this.touchRooms();
        break;
      case "left":
      case "member":
      case "read":
        this.touchRooms();
        break;
    }
  }

  private arrive(message: Message): void {
    const known = this.state.messages[message.roomId];
    if (known && message.seq <= (known.at(-1)?.seq ?? 0) + 1) this.merge(message.roomId, [message]);
    this.hear(message.roomId, message.seq);
    this.touchRooms();
  }

  /** A room has come this far; what this page lacks of it was written while it loaded, or away from the gateway. */
  private hear(roomId: string, seq: number): void {
    this.heard[roomId] = Math.max(this.heard[roomId] ?? 0, seq);
    this.catchUp(roomId);
  }

  private catchUp(roomId: string): void {
    const known = this.state.messages[roomId];
    const last = known?.at(-1)?.seq ?? 0;
    if (known && last < (this.heard[roomId] ?? 0)) void this.fill(roomId, last).catch(() => undefined);
  }

  private async fill(roomId: string, afterSeq: number): Promise<void> {
    const query = { afterSeq, limit: 200 };
    const answer = await patiently(() => api.get("/rooms/{room_id}/messages", { path: { room_id: roomId }, query }));
    this.merge(roomId, answer.data as Message[]);
  }

  private merge(roomId: string, some: Message[]): void {
    const bySeq = new Map((this.state.messages[roomId] ?? []).map((message) => [message.seq, message]));
    for (const message of some) bySeq.set(message.seq, { ...bySeq.get(message.seq), ...message });
    const messages = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
    const arrived = new Set(some.map((message) => message.clientMessageId));
    this.set({ messages: { ...this.state.messages, [roomId]: messages }, pending: this.state.pending.filter((one) => !arrived.has(one.clientMessageId)) });
  }

  private patch(roomId: string, id: string, change: Partial<Message>): void {
    const messages = this.state.messages[roomId]?.map((message) => (message.id === id ? { ...message, ...change } : message));
    if (messages) this.set({ messages: { ...this.state.messages, [roomId]: messages } });
  }

  private acknowledge(clientMessageId: string): void {
    this.set({ pending: this.state.pending.filter((pending) => pending.clientMessageId !== clientMessageId) });
  }

  private fail(clientMessageId: string, failed: string): void {
    this.set({ pending: this.state.pending.map((pending) => (pending.clientMessageId === clientMessageId ? { ...pending, failed } : pending)) });
  }

  private touchRooms(): void {
    this.set({ roomsVersion: this.state.roomsVersion + 1 });
  }

  private set(change: Partial<Snapshot>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

let url: string | undefined;

async function gatewayUrl(): Promise<string> {
  url ??= ((await (await fetch("/console/settings.json")).json()) as { gatewayUrl: string }).gatewayUrl;
  return url;
}

let current: Live | null = null;

/** The one connection of this page; another organization gets another. */
export function live(organizationId: string): Live {
  if (current?.organizationId !== organizationId) {
    current?.stop();
    current = new Live(organizationId);
  }
  return current;
}

export function useLive(organizationId: string): [Live, Snapshot] {
  const chat = live(organizationId);
  return [chat, useSyncExternalStore(chat.subscribe, chat.snapshot)];
}

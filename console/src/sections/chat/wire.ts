/** Chat on the wire, as far as the console reads it. */
export interface Room {
  id: string;
  kind: "room" | "group" | "direct";
  name: string;
  topic: string;
  visibility: "public" | "private";
  lastSeq: number;
  readSeq: number;
  unreadCount: number;
  mentionCount: number;
  userIds?: string[];
  role?: string | null;
}

export interface Message {
  roomId: string;
  seq: number;
  id: string;
  kind?: "message" | "system";
  authorId: string;
  clientMessageId: string;
  body: string;
  replyTo?: string | null;
  threadId?: string | null;
  reactions?: Record<string, string[]>;
  sentAt: string;
  editedAt?: string | null;
  deletedAt?: string | null;
  /** Older than the plan shows: its place is here, its content is not. */
  withheld?: boolean;
}

/** Written here, not yet acknowledged. */
export interface Pending {
  clientMessageId: string;
  roomId: string;
  body: string;
  replyTo?: string;
  failed?: string;
}

export type Frame = { type: string } & Record<string, any>;
export type Connection = "connecting" | "online" | "offline";

/**
 * A client of Septet's chat gateway for browsers and Node: reconnects, resumes, sends again what was not acknowledged,
 * and hands each frame on once. It needs nothing but WebSocket.
 *
 * @example
 * const chat = new ChatClient({ url: "ws://127.0.0.1:8001/", token: "sess_…", onFrame: (frame) => console.log(frame) });
 * const { seq } = await chat.send(roomId, "Hello"); // stored now, however often the connection broke meanwhile
 *
 * @typedef {{ type: string } & Record<string, any>} Frame
 * @typedef {"connecting" | "online" | "offline" | "closed"} State closed: the gateway refused for good, see `closedBy`
 * @typedef {{ getItem(key: string): string | null, setItem(key: string, value: string): void }} Storage
 * @typedef {object} Options
 * @property {string | (() => string | Promise<string>)} url The gateway's; asked for at each connection.
 * @property {string | (() => string)} [token] Left away: the session's cookie.
 * @property {string} [organizationId]
 * @property {(frame: Frame) => void} [onFrame]
 * @property {(state: State) => void} [onState]
 * @property {Storage} [storage] Keeps what is not acknowledged across page loads; localStorage, for one.
 * @typedef {{ seq: number, version: number, resuming: boolean }} Position How far this client is in a room.
 * @typedef {{ frame: Frame, resolve: (ack: Frame) => void, reject: (refusal: Refused) => void }} Unacknowledged
 */

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;
const TRANSIENT = ["engine_unavailable", "rate_limited", "slow_mode"];
const QUEUE_KEY = "septet.chat.unacknowledged";

/** The gateway refused a message; `code` is the problem's code. */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class ChatClient {
  /** @type {Map<string, Position>} */ rooms = new Map();
  /** @type {string | null} */ closedBy = null;
  connections = 0;
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {Map<string, Unacknowledged>} */ #unacknowledged = new Map();
  /** @type {Set<string>} */ #watched = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #heartbeat;
  /** @type {Options} */ #options;
  #greeted = false;
  #heardAt = 0;
  #pause = SHORTEST_PAUSE_MS;
  #stopped = false;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    for (const frame of this.#stored()) void this.#queue(frame).catch(() => undefined);
    globalThis.addEventListener?.("online", this.#connect);
    globalThis.addEventListener?.("offline", this.drop);
    void this.#connect();
  }

  /**
   * Send a message; resolves with its `ack` once it is stored, rejects with Refused.
   * @param {string} roomId @param {string} body
   * @param {{ clientMessageId?: string, replyTo?: string, attachments?: object[] }} [more]
   * @returns {Promise<Frame>}
   */
  send(roomId, body, more = {}) {
    const frame = { type: "send", clientMessageId: newId(), ...more, roomId, body };
    const acknowledged = this.#queue(frame);
    this.#keep();
    this.#write(frame);
    return acknowledged;
  }

  /** What has not been acknowledged. @returns {Frame[]} */
  get unacknowledged() {
    return [...this.#unacknowledged.values()].map(({ frame }) => frame);
  }

  /** @param {string} roomId */
  typing(roomId) {
    this.#write({ type: "typing", roomId });
  }

  /** @param {string} roomId @param {number} seq */
  read(roomId, seq) {
    this.#write({ type: "read", roomId, seq });
  }

  /** Follow a public room without joining it. @param {string} roomId */
  watch(roomId) {
    this.#watched.add(roomId);
    this.#write({ type: "subscribe", roomId });
  }

  /** Cut the connection, as a bad network does; the client connects again. */
  drop = () => this.#socket?.close();

  stop() {
    this.#stopped = true;
    globalThis.removeEventListener?.("online", this.#connect);
    globalThis.removeEventListener?.("offline", this.drop);
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#socket?.close(1000);
  }

  /** @param {Frame} frame @returns {Promise<Frame>} */
  #queue(frame) {
    return new Promise((resolve, reject) => this.#unacknowledged.set(frame.clientMessageId, { frame, resolve, reject }));
  }

  #keep() {
    this.#options.storage?.setItem(QUEUE_KEY, JSON.stringify(this.unacknowledged));
  }

  /** @returns {Frame[]} */
  #stored() {
    try {
      return JSON.parse(this.#options.storage?.getItem(QUEUE_KEY) ?? "[]");
    } catch {
      return [];
    }
  }

  #connect = async () => {
    clearTimeout(this.#timer);
    if (this.#stopped || (this.#socket && this.#socket.readyState <= WebSocket.OPEN)) return;
    this.#options.onState?.("connecting");
    const url = await valueOf(this.#options.url).catch(() => null);
    if (this.#stopped) return;
    if (!url) return this.#again();
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => this.#greet(socket);
    socket.onmessage = ({ data }) => this.#socket === socket && this.#received(JSON.parse(data));
    socket.onerror = () => undefined; // `close` follows and says more
    socket.onclose = ({ reason }) => this.#socket === socket && this.#ended(reason);
  };

  /** @param {WebSocket} socket */
  #greet(socket) {
    this.connections += 1;
    const { token, organizationId } = this.#options;
    const rooms = Object.fromEntries([...this.rooms].map(([id, { seq, version }]) => [id, { seq, version }]));
    socket.send(JSON.stringify({ type: "hello", token: typeof token === "function" ? token() : token, organizationId, rooms }));
  }

  /** @param {string} reason */
  #ended(reason) {
    clearInterval(this.#heartbeat);
    this.#socket = null;
    this.#greeted = false;
    const told = parsed(reason);
    if (told.resume === false) {
      this.closedBy = told.code;
      this.#stopped = true;
      this.#options.onState?.("closed");
      for (const { reject } of this.#unacknowledged.values()) reject(new Refused(told.code, "The gateway closed the connection."));
    } else if (!this.#stopped) this.#again(told.retryAfterMs);
  }

  /** @param {number} [asked] Milliseconds that the gateway asks for. */
  #again(asked) {
    this.#options.onState?.(globalThis.navigator?.onLine === false ? "offline" : "connecting");
    this.#timer = setTimeout(this.#connect, asked ?? this.#pause * (0.5 + Math.random()));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  /** @param {Frame} frame */
  #write(frame) {
    if (this.#greeted) this.#socket?.send(JSON.stringify(frame));
  }

  /** @param {Frame} frame */
  #received(frame) {
    this.#heardAt = Date.now();
    if (frame.type === "welcome") this.#welcomed(frame);
    else if (frame.clientMessageId && (frame.type === "ack" || frame.type === "error")) this.#answered(frame);
    if (frame.roomId && !this.#isNews(frame)) return;
    this.#options.onFrame?.(frame);
  }

  /** @param {Frame} frame */
  #welcomed({ heartbeatMs }) {
    this.#greeted = true;
    this.#pause = SHORTEST_PAUSE_MS;
    this.#heartbeat = setInterval(() => {
      if (Date.now() - this.#heardAt > 2 * heartbeatMs) this.drop();
      else this.#write({ type: "ping" });
    }, heartbeatMs);
    this.#options.onState?.("online");
    for (const roomId of this.#watched) if (!this.rooms.has(roomId)) this.#write({ type: "subscribe", roomId });
    for (const { frame } of this.#unacknowledged.values()) this.#write(frame);
  }

  /** @param {Frame} answer */
  #answered(answer) {
    const waiting = this.#unacknowledged.get(answer.clientMessageId);
    if (!waiting) return;
    if (answer.type === "error" && TRANSIENT.includes(answer.code)) {
      const pause = Math.max(answer.retryAfterMs ?? 300, 1000 * (answer.retryAfterSeconds ?? 0));
      setTimeout(() => this.#unacknowledged.has(answer.clientMessageId) && this.#write(waiting.frame), pause);
      return;
    }
    this.#unacknowledged.delete(answer.clientMessageId);
    this.#keep();
    if (answer.type === "ack") waiting.resolve(answer);
    else waiting.reject(new Refused(answer.code, answer.message));
  }

  /** Whether this is not known yet; keeps count of how far the client is in the room. @param {Frame} frame */
  #isNews(frame) {
    if (frame.type === "left" || (frame.type === "error" && frame.code === "room_not_found")) {
      this.rooms.delete(frame.roomId);
      return true;
    }
    if (frame.type === "room") return this.#isNewRoom(frame);
    const room = this.rooms.get(frame.roomId);
    if (!room) return false;
    if (frame.type === "message") return this.#isNewMessage(room, frame);
    if (frame.type === "resumed") return this.#isResumed(room, frame);
    if (frame.version === undefined || frame.type === "read") return true;
    const news = room.resuming || frame.version > room.version;
    if (!room.resuming) room.version = Math.max(room.version, frame.version);
    return news;
  }

  /** @param {Position} room @param {Frame} frame */
  #isResumed(room, frame) {
    room.resuming = false;
    if (frame.fromSeq > room.seq + 1 || frame.fromVersion > room.version) this.#ask(frame.roomId, room);
    else Object.assign(room, { seq: Math.max(room.seq, frame.toSeq), version: Math.max(room.version, frame.version) });
    return true;
  }

  /** Be told all that was missed in a room. @param {string} roomId @param {Position} room */
  #ask(roomId, { seq, version }) {
    this.#write({ type: "subscribe", roomId, lastSeq: seq, version });
  }

  /** @param {Frame} frame */
  #isNewRoom(frame) {
    if (frame.role === null && !this.#watched.has(frame.roomId)) {
      // The user left it elsewhere; the gateway would go on telling, as to any guest.
      this.rooms.delete(frame.roomId);
      this.#write({ type: "unsubscribe", roomId: frame.roomId });
      this.#options.onFrame?.({ type: "left", roomId: frame.roomId, status: "left" });
      return false;
    }
    const room = this.rooms.get(frame.roomId);
    if (!room) this.rooms.set(frame.roomId, { seq: frame.lastSeq, version: frame.version, resuming: false });
    else {
      room.resuming = frame.resuming === true;
      if (!("role" in frame) && !room.resuming) room.version = Math.max(room.version, frame.version);
    }
    return true;
  }

  /** @param {Position} room @param {Frame} frame */
  #isNewMessage(room, frame) {
    if (frame.seq > room.seq + 1) {
      // While the room is being resumed it comes once more, in its turn.
      if (!room.resuming) this.#ask(frame.roomId, room);
      return false;
    }
    const news = frame.seq > room.seq;
    room.seq = Math.max(room.seq, frame.seq);
    if (!room.resuming) room.version = Math.max(room.version, frame.version);
    return news;
  }
}

/** @template T @param {T | (() => T | Promise<T>)} given @returns {Promise<T>} */
async function valueOf(given) {
  return typeof given === "function" ? /** @type {() => T | Promise<T>} */ (given)() : given;
}

/** @param {string} reason @returns {{ code?: any, resume?: boolean, retryAfterMs?: number }} */
function parsed(reason) {
  try {
    return JSON.parse(reason);
  } catch {
    return {};
  }
}

function newId() {
  // `randomUUID` is there in secure contexts only.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Drives the JavaScript client for `test_javascript_client.py`: a JSON command a line in, an answer a line out.
import { createInterface } from "node:readline";
import { ChatClient } from "../../../console/src/sections/chat/client.js";

const [urls, token, organizationId] = JSON.parse(process.argv[2]);
const stored = new Map();
const storage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
const frames = [];
let attempts = 0;
const open = () =>
  new ChatClient({ url: () => urls[attempts++ % urls.length], token, organizationId, storage, onFrame: (frame) => frames.push(frame) });
let chat = open();
const acks = [];

const commands = {
  send: ({ room, bodies }) => bodies.forEach((body) => void chat.send(room, body).then((ack) => acks.push(ack), (error) => acks.push({ code: error.code }))),
  drop: () => chat.drop(),
  reload: () => {
    chat.stop();
    chat = open();
  },
  watch: ({ room }) => chat.watch(room),
  report: () => undefined,
};
const report = () => ({ acks, frames, connections: chat.connections, closedBy: chat.closedBy, rooms: Object.fromEntries(chat.rooms), waiting: chat.unacknowledged.length });

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...fields } = JSON.parse(line);
  commands[command](fields);
  console.log(JSON.stringify(report()));
}
process.exit(0);

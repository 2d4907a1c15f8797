// What a team would write instead: BullMQ on the same Valkey, nodemailer with a pool to the same sink.
//
//   node peer.mjs <valkey socket> <smtp port> <count>
//
// Each notification is one job that stores an inbox entry with its unread counter and sends one mail.
// Prints {"acceptedPerSecond", "perSecond"}: until all are queued, and until the sink has taken all.
import { Queue, Worker } from "bullmq";
import Redis from "ioredis";
import nodemailer from "nodemailer";

const [socket, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const connect = () => new Redis(socket, { maxRetriesPerRequest: null });
const inbox = connect();
const mailer = nodemailer.createTransport({
  host: "127.0.0.1", port, pool: true, maxConnections: 8, maxMessages: Infinity, ignoreTLS: true,
});
const queue = new Queue("mail", { connection: connect() });
await queue.obliterate({ force: true });

let done = 0;
let finished;
const all = new Promise((resolve) => (finished = resolve));
const html = (name) => `<!doctype html><html><body><div><p>Hello ${name}, your order is on its way.</p></div></body></html>`;
const worker = new Worker(
  "mail",
  async (job) => {
    const { id, name, email } = job.data;
    await inbox.multi().lpush(`inbox:${name}`, JSON.stringify({ id, title: "Order" })).incr(`unread:${name}`).exec();
    await mailer.sendMail({
      from: "Septet <no-reply@septet.example>", to: email, subject: "Order", messageId: `<${id}@septet.example>`,
      text: `Hello ${name}, your order is on its way.`, html: html(name),
    });
    if (++done === count) finished();
  },
  { connection: connect(), concurrency: 64 },
);
await worker.waitUntilReady();

const started = performance.now();
let next = 0;
const producer = async () => {
  while (next < count) {
    const id = next++;
    await queue.add("send", { id, name: "Ada", email: `load${id}@example.com` }, { removeOnComplete: true, attempts: 5 });
  }
};
await Promise.all(Array.from({ length: 64 }, producer));
const accepted = performance.now();
await all;
const ended = performance.now();
console.log(JSON.stringify({
  acceptedPerSecond: count / ((accepted - started) / 1000), perSecond: count / ((ended - started) / 1000),
}));
process.exit(0);

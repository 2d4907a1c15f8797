// What a team would write instead, after Kutt's recipe: Fastify answers, links are cached in Redis, and each visit is
// counted in PostgreSQL before the answer (sync), or queued for a worker with BullMQ (queued).
//
//   node server.mjs sync|queued <port> <valkey socket> <postgres url>
//   node server.mjs worker      <valkey socket> <postgres url>
import { Queue, Worker } from "bullmq";
import Fastify from "fastify";
import Redis from "ioredis";
import { isbot } from "isbot";
import pg from "pg";

const [mode, ...rest] = process.argv.slice(2);
const [socket, url] = rest.slice(-2);
const cache = new Redis(socket, { maxRetriesPerRequest: null, enableAutoPipelining: true });
const connect = () => new Redis(socket, { maxRetriesPerRequest: null });
const database = new pg.Pool({ connectionString: url, max: 16 });

const COUNT = {
  name: "count",
  text: `WITH counted AS (UPDATE peer.links SET visits = visits + 1 WHERE id = $1 RETURNING id)
         INSERT INTO peer.visits (link_id, hour, browser, os, referrer, total)
         SELECT id, date_trunc('hour', now()), $2, $3, $4, 1 FROM counted
         ON CONFLICT (link_id, hour, browser, os, referrer) DO UPDATE SET total = visits.total + 1`,
};
const browserOf = (agent) => /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0] ?? "Other";
const systemOf = (agent) => /Windows|Android|iPhone|Mac OS|Linux/.exec(agent)?.[0] ?? "Other";

async function count({ id, agent, referrer }) {
  if (isbot(agent)) return;
  await database.query({ ...COUNT, values: [id, browserOf(agent), systemOf(agent), referrer] });
}

async function find(code) {
  const known = await cache.get(`peer:link:${code}`);
  if (known) return JSON.parse(known);
  const { rows } = await database.query({
    name: "find", text: "SELECT id, target FROM peer.links WHERE address = $1", values: [code],
  });
  if (rows[0]) await cache.set(`peer:link:${code}`, JSON.stringify(rows[0]), "EX", 3600);
  return rows[0];
}

if (mode === "worker") {
  await new Worker("visits", (job) => count(job.data), { connection: connect(), concurrency: 16 }).waitUntilReady();
} else {
  const queue = mode === "queued" ? new Queue("visits", { connection: connect() }) : null;
  const app = Fastify();
  app.get("/s/:code", async (request, reply) => {
    const link = await find(request.params.code);
    if (!link) return reply.code(404).send({ error: "not found" });
    const visit = {
      id: link.id, agent: request.headers["user-agent"] ?? "", referrer: request.headers.referer ?? "",
    };
    await (queue ? queue.add("visit", visit, { removeOnComplete: true }) : count(visit));
    return reply.header("cache-control", "private, no-store").redirect(link.target, 302);
  });
  await app.listen({ port: Number(rest[0]), host: "127.0.0.1" });
}

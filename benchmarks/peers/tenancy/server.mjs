// better-auth on PostgreSQL, over Node's own HTTP server: sign-up, log-in, session check, organizations.
//   node server.mjs PORT POSTGRES_URL
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { organization } from "better-auth/plugins";
import pg from "pg";

const [port, url] = process.argv.slice(2);
const auth = betterAuth({
  database: new pg.Pool({ connectionString: url, max: 10 }),
  baseURL: `http://127.0.0.1:${port}`,
  secret: "a secret of 32 characters or more",
  emailAndPassword: { enabled: true },
  plugins: [organization()],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
createServer(toNodeHandler(auth)).listen(Number(port), "127.0.0.1", () => console.log("ready"));

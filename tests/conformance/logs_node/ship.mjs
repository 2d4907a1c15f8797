// A thousand records through pino's own Loki transport: node ship.mjs URL KEY
import pino from "pino";

const [host, password] = process.argv.slice(2);
const labels = { service: "shop" };
const options = { host, basicAuth: { username: "septet", password }, labels, batching: { interval: 1 } };
const transport = pino.transport({ target: "pino-loki", options });
const logger = pino({ level: "debug", base: null }, transport);
const levels = ["debug", "info", "warn", "error"];
for (let number = 0; number < 1000; number++) logger[levels[number % 4]](`order ${number} żółć`);
transport.end();

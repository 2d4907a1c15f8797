// The main flows, through Stripe's unmodified SDK for Node. Arguments: host and port of the provider.
import assert from "node:assert/strict";
import http from "node:http";
import Stripe from "stripe";

const [host, port] = process.argv.slice(2);
const stripe = new Stripe(`sk_test_node${process.pid}`, { host, port, protocol: "http", maxNetworkRetries: 0 });
const card = { amount: 2000, currency: "usd", payment_method: "pm_card_visa", confirm: true };

const paid = await stripe.paymentIntents.create({ ...card, metadata: { order: "7" }, expand: ["latest_charge"] });
assert.equal(paid.status, "succeeded");
assert.equal(paid.latest_charge.metadata.order, "7");

const held = await stripe.paymentIntents.create({ ...card, capture_method: "manual" });
assert.equal(held.status, "requires_capture");
assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500 })).amount_received, 500);

await assert.rejects(stripe.paymentIntents.create({ ...card, payment_method: "pm_card_chargeDeclined" }), (error) => {
  assert.ok(error instanceof Stripe.errors.StripeCardError);
  assert.equal(error.decline_code, "generic_decline");
  return true;
});

await stripe.refunds.create({ payment_intent: paid.id, amount: 300 });
await assert.rejects(stripe.refunds.create({ payment_intent: paid.id, amount: 1701 }), Stripe.errors.StripeInvalidRequestError);

const key = { idempotencyKey: "the-same" };
const once = await stripe.paymentIntents.create(card, key);
assert.equal((await stripe.paymentIntents.create(card, key)).id, once.id);
await assert.rejects(stripe.paymentIntents.create({ ...card, amount: 1 }, key), Stripe.errors.StripeIdempotencyError);

const customer = await stripe.customers.create({ email: "ada@example.com" });
await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data.length, 1);

const ids = [];
for await (const intent of stripe.paymentIntents.list({ limit: 2 })) ids.push(intent.id);
assert.equal(new Set(ids).size, 4);

const received = new Promise((resolve) => {
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      response.end();
      server.close();
      resolve([Buffer.concat(chunks), request.headers["stripe-signature"]]);
    });
  });
  server.listen(0, "127.0.0.1", async () => {
    const url = `http://127.0.0.1:${server.address().port}/hook`;
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ["payment_intent.succeeded"] });
    server.secret = endpoint.secret;
    await stripe.paymentIntents.create(card);
  });
  globalThis.server = server;
});
const [body, signature] = await received;
const event = stripe.webhooks.constructEvent(body, signature, globalThis.server.secret);
assert.equal(event.type, "payment_intent.succeeded");
console.log("ok");

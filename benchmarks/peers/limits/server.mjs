// The peer: Fastify and rate-limiter-flexible on the same Valkey. Three limits apply to each check, an API key is looked
// up in memory, and the answer has the same headers. Usage: node server.mjs <port> <path of Valkey's socket> <api key>
import Fastify from 'fastify'
import Redis from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'

const [port, path, apiKey] = process.argv.slice(2)
const storeClient = new Redis({ path, enableAutoPipelining: true })
const keys = new Map([[apiKey, 'acme']])
const POINTS = 1_000_000_000
const limiter = (keyPrefix) => new RateLimiterRedis({ storeClient, keyPrefix, points: POINTS, duration: 60 })
const tenants = limiter('tenant'), routes = limiter('route'), users = limiter('user')
const POLICY = `"tenant";q=${POINTS};w=60, "route";q=${POINTS};w=60, "user";q=${POINTS};w=60`
const schema = {
  body: {
    type: 'object',
    required: ['apiKey', 'route', 'userId'],
    properties: { apiKey: { type: 'string' }, route: { type: 'string' }, userId: { type: 'string' } },
  },
}

const app = Fastify()
app.post('/check', { schema }, async (request, reply) => {
  const { apiKey, route, userId } = request.body
  const tenant = keys.get(apiKey)
  if (!tenant) return reply.code(401).send({})
  let allowed = true, results
  try {
    results = await Promise.all([
      tenants.consume(tenant), routes.consume(`${tenant}:${route}`), users.consume(`${tenant}:${userId}`),
    ])
  } catch (denied) {
    if (denied instanceof Error) throw denied
    allowed = false
    results = [denied]
  }
  const least = results.reduce((a, b) => (b.remainingPoints < a.remainingPoints ? b : a))
  reply.header('ratelimit-policy', POLICY)
  reply.header('ratelimit', results.map((r) => `"r";r=${r.remainingPoints};t=${Math.ceil(r.msBeforeNext / 1000)}`).join(', '))
  return { allowed, limit: POINTS, remaining: least.remainingPoints, resetAfterMs: least.msBeforeNext, rule: 'r', reason: '' }
})
await app.listen({ port: Number(port), host: '127.0.0.1' })

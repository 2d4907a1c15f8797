"""What the log queue does in one step inside Valkey, as Lua. Times are the server's own; all keys share one slot.

Keys, in this order where a script takes them: the stream of requests; bytes waiting by organization (and `all`);
batches (name → entry ids); leases (name → until when); attempts (name → count); the prefix of dead-letter streams.
"""

# ARGV: mark, bytes, tenant, limit in all, limit of a tenant, seconds to keep marks, fields of the entry …
# KEYS: stream, bytes, the idempotency key's mark, then one mark for every line that must not come twice.
# Answers `queued`, `known` with the mark of the first request, `full`, or `taken` with the places of marks that exist.
ENQUEUE = """
if ARGV[1] ~= '' then
  local known = redis.call('GET', KEYS[3])
  if known then return {'known', known} end
end
local taken = {}
for i = 4, #KEYS do if redis.call('EXISTS', KEYS[i]) == 1 then taken[#taken + 1] = i - 4 end end
if #taken > 0 then return {'taken', taken} end
local size, tenant = tonumber(ARGV[2]), ARGV[3]
if tonumber(redis.call('HGET', KEYS[2], 'all') or 0) + size > tonumber(ARGV[4]) then return {'full', 'all'} end
if tonumber(redis.call('HGET', KEYS[2], tenant) or 0) + size > tonumber(ARGV[5]) then return {'full', 'tenant'} end
redis.call('XADD', KEYS[1], '*', unpack(ARGV, 7))
redis.call('HINCRBY', KEYS[2], 'all', size)
redis.call('HINCRBY', KEYS[2], tenant, size)
if ARGV[1] ~= '' then redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[6]) end
for i = 4, #KEYS do redis.call('SET', KEYS[i], '', 'EX', ARGV[6]) end
return {'queued'}
"""

# ARGV: group, batch name, most bytes, most entries, lease in seconds. KEYS: stream, batches, leases.
# Entries are read one by one, so that a batch ends at its byte limit however large each request is.
SEAL = """
redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
local ids, entries, size = {}, {}, 0
while #ids < tonumber(ARGV[4]) and size < tonumber(ARGV[3]) do
  local read = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[1], 'COUNT', 1, 'STREAMS', KEYS[1], '>')
  if not read then break end
  local entry = read[1][2][1]
  ids[#ids + 1] = entry[1]
  entries[#entries + 1] = entry
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'bytes' then size = size + tonumber(entry[2][i + 1]) end
  end
end
if #ids == 0 then return {} end
local now = redis.call('TIME')
redis.call('HSET', KEYS[2], ARGV[2], table.concat(ids, ' '))
redis.call('ZADD', KEYS[3], now[1] + now[2] / 1e6 + ARGV[5], ARGV[2])
return entries
"""

# ARGV: lease in seconds. KEYS: stream, batches, leases, attempts. Answers name, attempt and entries of a batch whose
# lease has run out, or nothing.
TAKE_OVER = """
local now = redis.call('TIME')
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now[1] + now[2] / 1e6, 'LIMIT', 0, 1)
if #due == 0 then return {} end
redis.call('ZADD', KEYS[3], now[1] + now[2] / 1e6 + ARGV[1], due[1])
local entries = {}
for id in string.gmatch(redis.call('HGET', KEYS[2], due[1]) or '', '%S+') do
  local found = redis.call('XRANGE', KEYS[1], id, id)
  if found[1] then entries[#entries + 1] = found[1] end
end
return {due[1], redis.call('HINCRBY', KEYS[4], due[1], 1), entries}
"""

# ARGV: batch name, seconds. KEYS: leases. Moves the end of a lease, so that a batch is tried again then.
POSTPONE = """
local now = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', now[1] + now[2] / 1e6 + ARGV[2], ARGV[1])
"""

# ARGV: group, batch name, then for each entry its id, tenant, bytes and fault ('' when it is stored).
# KEYS: stream, bytes, batches, leases, attempts, prefix of dead letters. A second call does nothing.
FINISH = """
if redis.call('HDEL', KEYS[3], ARGV[2]) == 0 then return 0 end
redis.call('ZREM', KEYS[4], ARGV[2])
redis.call('HDEL', KEYS[5], ARGV[2])
for i = 3, #ARGV, 4 do
  local id, tenant, size, fault = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if fault ~= '' then
    local found = redis.call('XRANGE', KEYS[1], id, id)
    if found[1] then
      redis.call('XADD', KEYS[6] .. tenant, '*', 'fault', fault, unpack(found[1][2]))
    end
  end
  redis.call('XACK', KEYS[1], ARGV[1], id)
  redis.call('XDEL', KEYS[1], id)
  redis.call('HINCRBY', KEYS[2], 'all', -size)
  if redis.call('HINCRBY', KEYS[2], tenant, -size) <= 0 then redis.call('HDEL', KEYS[2], tenant) end
end
return 1
"""

# ARGV: entry id, tenant. KEYS: the tenant's dead letters, stream, bytes. Puts a dead letter back into the queue.
REVIVE = """
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if not found[1] then return 0 end
local fields, size = found[1][2], 0
for i = 1, #fields, 2 do if fields[i] == 'bytes' then size = tonumber(fields[i + 1]) end end
redis.call('XADD', KEYS[2], '*', unpack(fields, 3))
redis.call('HINCRBY', KEYS[3], 'all', size)
redis.call('HINCRBY', KEYS[3], ARGV[2], size)
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
"""

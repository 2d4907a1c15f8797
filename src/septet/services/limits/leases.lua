-- Concurrency leases. A slot is a member of a sorted set, scored by when it ends; the lease's own key names its sets.
--
-- Take:    KEYS lease, then one set per rule; ARGV 'take', offset ms, ttl ms, and per rule its limit and whether shadow.
--          Answer: number of the rule that denied (0: taken), ms until a slot ends by itself, bits of shadow rules that
--          would have denied, and per rule how many slots are left.
-- Release: KEYS lease; ARGV 'release'. Answer: 1, or 0 when there is no such lease.

local lease = KEYS[1]

if ARGV[1] == 'release' then
  local sets = redis.call('LRANGE', lease, 0, -1)
  for _, set in ipairs(sets) do redis.call('ZREM', set, lease) end
  return redis.call('DEL', lease)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
local ttl = tonumber(ARGV[3])
local denied_by, retry, shadow_bits, left = 0, 0, 0, {}

for number = 1, #KEYS - 1 do
  local set, limit, shadow = KEYS[number + 1], tonumber(ARGV[2 * number + 2]), ARGV[2 * number + 3] == '1'
  redis.call('ZREMRANGEBYSCORE', set, '-inf', now)
  left[number] = limit - redis.call('ZCARD', set)
  if left[number] <= 0 then
    if shadow then
      shadow_bits = shadow_bits + 2 ^ (number - 1)
    elseif denied_by == 0 then
      denied_by = number
      local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
      retry = first[2] and tonumber(first[2]) - now or -1
    end
  end
end

if denied_by == 0 then
  for number = 1, #KEYS - 1 do
    redis.call('ZADD', KEYS[number + 1], now + ttl, lease)
    local last = redis.call('ZRANGE', KEYS[number + 1], -1, -1, 'WITHSCORES')
    redis.call('PEXPIRE', KEYS[number + 1], tonumber(last[2]) - now)
    redis.call('RPUSH', lease, KEYS[number + 1])
    left[number] = left[number] - 1
  end
  if #KEYS == 1 then redis.call('RPUSH', lease, '') end
  redis.call('PEXPIRE', lease, ttl)
end

local answer = {denied_by, retry, shadow_bits}
for number = 1, #KEYS - 1 do answer[number + 3] = math.max(0, left[number]) end
return answer

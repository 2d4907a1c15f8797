-- Decides checks against rules, all or nothing: a check takes from every rule that it fits, or from none.
--
-- KEYS    one per counter; all of one tenant, so in one slot.
-- ARGV    offset in ms added to the server's time; absolute time in ms (0: the server's); number of rules;
--         per rule 7: algorithm, is shadow, and five numbers (below); number of groups (checks under the same rules);
--         per group: is forced, number of rules, and per rule: rule number, key number (0: the check names it);
--         then checks until the end: group number, cost (0 looks only, below 0 gives back), key numbers left to it.
-- Answer  flat, per check: number of the rule that denied (0: allowed), ms until it would be allowed (-1: never),
--         bits of the shadow rules that would have denied, and per rule: what remains, ms until all is there again.
--
-- All arithmetic is on integers below 2^53, so it is exact. When the clock steps backwards, a counter stays at the
-- latest time at which something was taken from it. A denial and a look leave no trace, so they cost no write.

local now
if tonumber(ARGV[2]) > 0 then
  now = tonumber(ARGV[2])
else
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
end
local replaying = tonumber(ARGV[2]) > 0

local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local pack, unpack_numbers = struct.pack, struct.unpack
local NEVER = -1

-- Token bucket and GCRA are the same function of time, seen from two sides: what is used drains at a steady rate.
-- Rule: capacity, token and rate (per ms), all in one unit small enough to keep them whole. State: used, at, token.
local bucket = {}

function bucket.load(key)
  local raw = redis.call('GET', key)
  if raw then
    local used, at, token = unpack_numbers('ddd', raw)
    return {used = used, at = at, token = token, stored = true}
  end
  return {used = 0, at = now}
end

function bucket.advance(state, rule)
  if state.token and state.token ~= rule[2] then
    state.used = ceil(state.used * rule[2] / state.token)
  end
  state.token = rule[2]
  if now > state.at then
    state.used = max(0, state.used - (now - state.at) * rule[3])
    state.at = now
  end
end

function bucket.fits(state, rule, cost)
  return state.used + cost * rule[2] <= rule[1]
end

function bucket.retry(state, rule, cost)
  if cost * rule[2] > rule[1] then return NEVER end
  return state.at - now + ceil((state.used + cost * rule[2] - rule[1]) / rule[3])
end

function bucket.take(state, rule, cost, forced)
  local used = max(0, state.used + cost * rule[2])
  state.used = forced and min(used, max(rule[1], state.used)) or used
end

function bucket.view(state, rule)
  local reset = 0
  if state.used > 0 then reset = state.at - now + ceil(state.used / rule[3]) end
  return max(0, floor((rule[1] - state.used) / rule[2])), reset
end

function bucket.bytes(state)
  return pack('ddd', state.used, state.at, state.token)
end

-- Fixed window. Rule: limit, window in ms (0: the calendar's, whose next four boundaries follow). State: start, count.
local fixed = {}

local function window_of(rule)
  if rule[2] > 0 then
    local start = now - now % rule[2]
    return start, start + rule[2]
  end
  if now < rule[4] then return rule[3], rule[4] end
  return rule[4], rule[5]
end

function fixed.load(key)
  local raw = redis.call('GET', key)
  if raw then
    local start, count = unpack_numbers('dd', raw)
    return {start = start, count = count, stored = true}
  end
  return {start = 0, count = 0}
end

function fixed.advance(state, rule)
  local start, finish = window_of(rule)
  if state.start < start then state.count = 0 end
  if state.start <= now then
    state.start, state.finish = start, finish
  else
    state.finish = state.start + finish - start
  end
end

function fixed.fits(state, rule, cost)
  return state.count + cost <= rule[1]
end

function fixed.retry(state, rule, cost)
  if cost > rule[1] then return NEVER end
  return state.finish - now
end

function fixed.take(state, rule, cost)
  state.count = max(0, state.count + cost)
end

function fixed.view(state, rule)
  return max(0, rule[1] - state.count), state.count > 0 and state.finish - now or 0
end

function fixed.bytes(state)
  return pack('dd', state.start, state.count)
end

-- Sliding window, approximated by two buckets: the last window's count fades as the current one fills.
-- Rule: limit, window in ms. State: start of the current window, its count, the count of the one before, the window.
local sliding = {}

function sliding.load(key)
  local raw = redis.call('GET', key)
  if raw then
    local start, current, previous, window = unpack_numbers('dddd', raw)
    return {start = start, current = current, previous = previous, window = window, stored = true}
  end
  return {start = 0, current = 0, previous = 0}
end

local function carried_over(state)
  local age, window = max(0, now - state.start), state.window
  if age < window then return state.current + ceil(state.previous * (window - age) / window) end
  return ceil(state.current * max(0, 2 * window - age) / window)
end

function sliding.advance(state, rule)
  local window = rule[2]
  local start = now - now % window
  if state.window and state.window ~= window then
    state.start, state.current, state.previous = start, carried_over(state), 0
  elseif start == state.start + window then
    state.start, state.current, state.previous = start, 0, state.current
  elseif start > state.start then
    state.start, state.current, state.previous = start, 0, 0
  end
  state.window = window
  state.left = window - max(0, now - state.start)
end

function sliding.fits(state, rule, cost)
  return state.previous * state.left + (state.current + cost) * rule[2] <= rule[1] * rule[2]
end

function sliding.retry(state, rule, cost)
  local limit, window = rule[1], rule[2]
  if cost > limit then return NEVER end
  local room = limit - state.current - cost
  if room >= 0 then return state.left - floor(room * window / state.previous) end
  return state.left + max(0, ceil(window - (limit - cost) * window / state.current))
end

function sliding.take(state, rule, cost)
  state.current = max(0, state.current + cost)
end

function sliding.view(state, rule)
  local load = state.previous * state.left + state.current * rule[2]
  local reset = 0
  if state.current > 0 then
    reset = state.left + rule[2]
  elseif state.previous > 0 then
    reset = state.left
  end
  return max(0, floor((rule[1] * rule[2] - load) / rule[2])), reset
end

function sliding.bytes(state)
  return pack('dddd', state.start, state.current, state.previous, state.window)
end

-- Sliding window, exact: a sorted set with one member for each unit taken; `ended` ones await their removal.
-- Rule: limit, window in ms.
local log = {}

function log.load(key)
  return {key = key, added = 0, loaded = false}
end

function log.advance(state, rule)
  if state.loaded then return end
  state.loaded, state.at, state.last, state.sequence, state.count, state.ended = true, now, nil, 0, 0, 0
  local newest = redis.call('ZRANGE', state.key, -1, -1, 'WITHSCORES')
  if newest[1] then
    state.sequence, state.last = tonumber(newest[1]), tonumber(newest[2])
    state.at = max(now, state.last)
    state.ended = redis.call('ZCOUNT', state.key, '-inf', state.at - rule[2])
    state.count = redis.call('ZCARD', state.key) - state.ended
  end
end

function log.fits(state, rule, cost)
  return state.count + state.added + cost <= rule[1]
end

function log.retry(state, rule, cost)
  if cost > rule[1] then return NEVER end
  local rank = state.ended + state.count + state.added + cost - rule[1] - 1
  local found = redis.call('ZRANGE', state.key, rank, rank, 'WITHSCORES')
  return (tonumber(found[2]) or state.at) + rule[2] - now
end

function log.take(state, rule, cost, forced)
  if forced then cost = min(cost, max(0, rule[1] - state.count - state.added)) end
  local back = min(max(0, -cost), state.added)
  state.added = max(0, state.added + cost)
  local popped = min(max(0, -cost) - back, state.count)
  if popped > 0 then
    redis.call('ZPOPMAX', state.key, popped)
    state.count = state.count - popped
  end
end

function log.view(state, rule)
  local last = state.added > 0 and state.at or (state.count > 0 and state.last) or nil
  return max(0, rule[1] - state.count - state.added), last and last + rule[2] - now or 0
end

function log.save(state, rule, ttl)
  if state.ended > 0 then redis.call('ZREMRANGEBYSCORE', state.key, '-inf', state.at - rule[2]) end
  for _ = 1, state.added do
    state.sequence = state.sequence + 1
    redis.call('ZADD', state.key, state.at, string.format('%016.0f', state.sequence))
  end
  redis.call('PEXPIRE', state.key, ttl)
end

local ALGORITHMS = {b = bucket, f = fixed, s = sliding, l = log}
local TEN_MINUTES, A_MOMENT = 600000, 1000

local rules, position = {}, 4
for number = 1, tonumber(ARGV[3]) do
  local rule = {
    tonumber(ARGV[position + 2]), tonumber(ARGV[position + 3]), tonumber(ARGV[position + 4]),
    tonumber(ARGV[position + 5]), tonumber(ARGV[position + 6]),
    algorithm = ALGORITHMS[ARGV[position]], shadow = ARGV[position + 1] == '1',
  }
  rules[number] = rule
  position = position + 7
end

local groups, group_count = {}, tonumber(ARGV[position])
position = position + 1
for number = 1, group_count do
  local group = {forced = ARGV[position] == '1', size = tonumber(ARGV[position + 1]), rules = {}, keys = {}}
  position = position + 2
  for rule = 1, group.size do
    group.rules[rule], group.keys[rule] = rules[tonumber(ARGV[position])], tonumber(ARGV[position + 1])
    position = position + 2
  end
  groups[number] = group
end

local counters = {}

local function counter_of(rule, key)
  local counter = counters[key]
  if not counter then
    counter = {state = rule.algorithm.load(KEYS[key])}
    counters[key] = counter
  end
  if counter.rule ~= rule then
    counter.rule = rule
    rule.algorithm.advance(counter.state, rule)
  end
  return counter
end

local answer, size, arguments = {}, 0, #ARGV
local mine = {} -- the counters of the check at hand

while position <= arguments do
  local group, cost = groups[tonumber(ARGV[position])], tonumber(ARGV[position + 1])
  position = position + 2
  local forced, count = group.forced, group.size
  local wanted = cost == 0 and 1 or cost
  local denied_by, retry, shadow_bits, missed = 0, 0, 0, nil
  for number = 1, count do
    local rule, key = group.rules[number], group.keys[number]
    if key == 0 then
      key = tonumber(ARGV[position])
      position = position + 1
    end
    local counter = counter_of(rule, key)
    mine[number] = counter
    if not (forced or wanted < 0 or rule.algorithm.fits(counter.state, rule, wanted)) then
      if rule.shadow then
        shadow_bits = shadow_bits + 2 ^ (number - 1)
        missed = missed or {}
        missed[number] = true
      else
        local after = rule.algorithm.retry(counter.state, rule, wanted)
        if denied_by == 0 or (retry ~= NEVER and (after == NEVER or after > retry)) then
          denied_by, retry = number, after
        end
      end
    end
  end
  answer[size + 1], answer[size + 2], answer[size + 3] = denied_by, retry, shadow_bits
  size = size + 3
  for number = 1, count do
    local counter, rule = mine[number], group.rules[number]
    if denied_by == 0 and cost ~= 0 and not (missed and missed[number]) then
      rule.algorithm.take(counter.state, rule, cost, forced)
      counter.changed = true
    end
    answer[size + 1], answer[size + 2] = rule.algorithm.view(counter.state, rule)
    size = size + 2
  end
end

for key, counter in pairs(counters) do
  if counter.changed then
    local rule = counter.rule
    local _, reset = rule.algorithm.view(counter.state, rule)
    -- One that is empty again is kept for a moment all the same: it knows the latest time.
    local ttl = replaying and TEN_MINUTES or max(reset, A_MOMENT)
    if rule.algorithm.save then
      rule.algorithm.save(counter.state, rule, ttl)
    else
      redis.call('SET', KEYS[key], rule.algorithm.bytes(counter.state), 'PX', ttl)
    end
  end
end

return answer

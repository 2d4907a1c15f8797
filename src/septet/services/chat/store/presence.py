"""Who is there, in Valkey: one hash a user, one field a session, which counts until its own deadline.

A gateway that dies takes nobody offline by hand: its sessions' deadlines pass. `seen` is the last sign of life.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.kernel.valkey import key
from septet.services.chat.schemas import Status

SESSION_SECONDS = 75
KEPT_SECONDS = 90 * 86_400

# Effective status: offline where a session asks to be invisible, else the most present of the sessions that count.
_EFFECTIVE = """
local function effective(key, now)
  local best, seen, hidden = 'offline', '', false
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    if fields[i] == 'seen' then seen = fields[i + 1] else
      local status, deadline = string.match(fields[i + 1], '^(%a+):(%d+)$')
      if tonumber(deadline) <= now then redis.call('HDEL', key, fields[i])
      elseif status == 'invisible' then hidden = true
      elseif status == 'online' or best == 'offline' then best = status end
    end
  end
  if hidden then best = 'offline' end
  return best, seen
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
_TOUCH = (
    _EFFECTIVE
    + """
local before = effective(KEYS[1], now)
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. (now + ARGV[3] * 1000)) end
if ARGV[2] ~= 'invisible' then redis.call('HSET', KEYS[1], 'seen', now) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
local after, seen = effective(KEYS[1], now)
return {before, after, seen}
"""
)
_READ = (
    _EFFECTIVE
    + """
local status, seen = effective(KEYS[1], now)
return {status, seen}
"""
)


@dataclass(frozen=True, slots=True)
class Presence:
    """As others see it; `seen_at` to the minute."""

    status: Status
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Touched:
    """What one session's sign of life changed."""

    before: Status
    now: Presence

    @property
    def changed(self) -> bool:
        return self.before is not self.now.status


async def touch(runtime: Runtime, tenant_id: UUID, user_id: UUID, session: str, status: str) -> Touched:
    """Note that this session lives, with this status; an empty status ends it. Raises EngineUnavailable."""
    script = runtime.pipeline.script(_TOUCH)
    arguments = (_key(tenant_id, user_id), session, status, SESSION_SECONDS, KEPT_SECONDS)
    before, *now = await runtime.pipeline.call(b"EVALSHA", script, 1, *arguments)
    return Touched(Status(before.decode()), _presence(now))


async def presence_of(runtime: Runtime, tenant_id: UUID, user_ids: Iterable[UUID]) -> dict[UUID, Presence]:
    """Raises EngineUnavailable."""
    script = runtime.pipeline.script(_READ)
    asked = list(user_ids)
    calls = [runtime.pipeline.call(b"EVALSHA", script, 1, _key(tenant_id, user_id)) for user_id in asked]
    return {user_id: _presence(await call) for user_id, call in zip(asked, calls, strict=True)}


def _presence(reply: Sequence[bytes]) -> Presence:
    status, seen = reply
    minute = int(seen) // 60_000 * 60 if seen else None
    return Presence(Status(status.decode()), datetime.fromtimestamp(minute, UTC) if minute is not None else None)


def _key(tenant_id: UUID, user_id: UUID) -> str:
    return key(tenant_id, "chat", "presence", user_id)

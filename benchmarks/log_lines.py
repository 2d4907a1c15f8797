"""The lines that benchmarks of logs send, and a history of millions that ClickHouse makes by itself."""

import json
import os
import random
import re
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from septet.services.logs.derivation import ATTRIBUTES_TYPE, SETTINGS
from septet.services.logs.documents import literal

BATCH = 5000
DAYS = 20
"""How far back the history goes."""

CHUNK = 250_000
_WORDS = [
    *("payment", "order", "customer", "timeout", "retry", "connected", "declined", "shipped", "invoice", "gateway"),
    *("session", "expired", "token"),
]
_TIME = re.compile(rb"\[[^\]]*\]")


def json_batch(dice: random.Random, now: datetime) -> bytes:
    """NDJSON as a web service writes it: about 290 bytes a line, words and numbers at random, an id of 64 bits."""
    lines = (
        {
            "timestamp": (now + timedelta(milliseconds=number)).isoformat(),
            "level": dice.choice(["info", "info", "info", "debug", "warn", "error"]),
            "service": dice.choice(["checkout", "api", "worker", "auth"]),
            "message": " ".join(dice.choices(_WORDS, k=8)) + f" id {dice.randrange(10**7)}",
            "userId": dice.randrange(100_000),
            "durationMs": round(dice.random() * 100, 3),
            "http": {"method": "GET", "status": dice.choice([200, 200, 404, 500])},
            "requestId": f"{dice.getrandbits(64):016x}",
        }
        for number in range(BATCH)
    )
    return "\n".join(map(json.dumps, lines)).encode()


def access_batches(dice: random.Random, now: datetime, count: int) -> list[bytes]:
    """Lines of an access log in combined format, the time of each moved to now.

    BENCH_LOGS_ACCESS_LOG names a real log, taken again and again; without one, lines are made.
    """
    name = os.environ.get("BENCH_LOGS_ACCESS_LOG")
    lines = Path(name).read_bytes().splitlines() if name else [_access_line(dice) for _ in range(BATCH)]
    source = enumerate(cycle(lines))
    return [b"\n".join(_at(now, number, line) for number, line in islice(source, BATCH)) for _ in range(count)]


def _access_line(dice: random.Random) -> bytes:
    agents = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "curl/8.5.0", "bot/1.0"]
    address = f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}"
    path = f"/{dice.choice(_WORDS)}/{dice.choice(_WORDS)}?id={dice.randrange(10**6)}"
    said = f"{dice.choice([200, 200, 200, 304, 404, 500])} {dice.randrange(10**5)}"
    return f'{address} - - [] "GET {path} HTTP/1.1" {said} "https://example.com/" "{dice.choice(agents)}"'.encode()


def _at(now: datetime, number: int, line: bytes) -> bytes:
    moment = now + timedelta(milliseconds=5 * number)
    return _TIME.sub(moment.strftime("[%d/%b/%Y:%H:%M:%S +0000]").encode(), line, count=1)


def history_chunk(tenant: str, first: int, rows: int, end: datetime) -> str:
    """An INSERT of lines like those of `json_batch`, numbers `first` to `first + CHUNK` of `rows` until `end`."""
    start, step = int((end - timedelta(days=DAYS)).timestamp() * 1e9), int(DAYS * 86_400e9) // rows
    day = (end.astimezone(UTC) + timedelta(days=100)).date()
    return f"""INSERT INTO logs (tenant_id, expires_on, timestamp, request, line, received_at, timestamp_from, level,
      service, message, raw, attributes, bytes)
    SELECT '{tenant}', toDate('{day}') + intDiv(n * {DAYS}, {rows}), moment, toUUID(
        concat(leftPad(hex(intDiv(n, {BATCH})), 8, '0'), '-0000-7000-8000-000000000000')),
      n % {BATCH}, moment, 'line', level, service, message, replaceOne(text, message, '\\0'),
      JSONExtract(text, {literal(ATTRIBUTES_TYPE)}), length(text)
    FROM (SELECT number AS n, fromUnixTimestamp64Nano(toInt64({start} + n * {step}), 'UTC') AS moment,
      ['info','info','info','debug','warn','error'][1 + rand(1) % 6] AS level,
      ['checkout','api','worker','auth'][1 + rand(2) % 4] AS service,
      concat(arrayStringConcat(arrayMap(i -> {_WORDS}[1 + intHash32(n * 8 + i) % {len(_WORDS)}], range(8)), ' '),
        ' id ', toString(rand(7) % 10000000)) AS message,
      concat('{{"timestamp": "', replaceOne(toString(moment), ' ', 'T'), 'Z", "level": "', level, '", "service": "',
        service, '", "message": "', message, '", "userId": ', toString(rand(3) % 100000), ', "durationMs": ',
        toString((rand(4) % 100000) / 1000), ', "http": {{"method": "GET", "status": ',
        ['200','200','404','500'][1 + rand(5) % 4], '}}, "requestId": "', lower(hex(rand64(6))), '"}}') AS text
      FROM numbers({first}, {CHUNK}))"""


HISTORY_SETTINGS = {**SETTINGS, "max_insert_block_size": CHUNK, "min_insert_block_size_rows": CHUNK}

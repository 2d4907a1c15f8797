"""What a Python team writes without Septet: FastAPI, asyncpg's COPY, a table with GIN indexes on words and attributes.

PEER_POSTGRES_URL names the database. No queue, no retries' keys, no formats but NDJSON: less than Septet does.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
from fastapi import FastAPI, Request

TABLE = """CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.logs (at timestamptz, level text, service text, message text, attributes jsonb);
CREATE INDEX IF NOT EXISTS words ON bench.logs USING gin (to_tsvector('simple', message));
CREATE INDEX IF NOT EXISTS attributes ON bench.logs USING gin (attributes);
CREATE INDEX IF NOT EXISTS newest ON bench.logs (service, level, at)"""
QUESTIONS = {
    "newest": "SELECT * FROM bench.logs WHERE service = 'api' AND level = 'error' ORDER BY at DESC LIMIT 100",
    "words": """SELECT * FROM bench.logs
                WHERE to_tsvector('simple', message) @@ to_tsquery('simple', 'payment & declined')
                ORDER BY at DESC LIMIT 100""",
    "histogram": "SELECT date_trunc('hour', at), level, count(*) FROM bench.logs GROUP BY 1, 2 ORDER BY 1",
    "facet": "SELECT service, count(*) FROM bench.logs GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["PEER_POSTGRES_URL"], min_size=1, max_size=4) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/logs", status_code=202)
async def ingest(request: Request) -> dict[str, int]:
    records = [_record(line) for line in (await request.body()).split(b"\n")]
    await app.state.pool.copy_records_to_table("logs", schema_name="bench", records=records)
    return {"accepted": len(records)}


def _record(line: bytes) -> tuple[Any, ...]:
    said = json.loads(line)
    return datetime.fromisoformat(said["timestamp"]), said["level"], said["service"], said["message"], line.decode()


@app.get("/ask/{question}")
async def ask(question: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await app.state.pool.fetch(QUESTIONS[question])]

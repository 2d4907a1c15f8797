"""The fast lane against the same route in FastAPI on uvicorn: one core for the server, another for the load.

    python benchmarks/fastlane.py [--rounds 3] [--seconds 5] [--connections 64]

Three routes: a constant answer in the lane, the same in FastAPI, and in the lane with one Lua check in Valkey a
request. Last, the pipeline alone: trivial commands a second, no HTTP.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

import uvicorn
import uvloop
from fastapi import FastAPI

from load import Load, render_request, run_rounds, run_wrk
from septet.engines.valkey import ValkeyEngine
from septet.kernel.fastlane import Answer, FastLane, HotRequest, HotRoute
from septet.kernel.pipeline import Pipeline

BODY = json.dumps({"apiKey": "sk_live_0123456789abcdef", "route": "/orders", "userId": "u-42"}).encode()
JSON = b"content-type: application/json\r\n"
TOKEN_BUCKET = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 't', 'n')
local left = math.min(1000000, (tonumber(bucket[2]) or 1000000) + (at - (tonumber(bucket[1]) or at)) * 1000)
if left >= 1 then left = left - 1 end
redis.call('HSET', KEYS[1], 't', at, 'n', left)
redis.call('PEXPIRE', KEYS[1], 60000)
return left
"""


def serve(listener: socket.socket, core: int, *, in_lane: bool, valkey_url: str) -> None:
    """The server process, on its own core."""
    os.sched_setaffinity(0, {core})
    uvloop.run(_serve(listener, in_lane=in_lane, valkey_url=valkey_url))


async def _serve(listener: socket.socket, *, in_lane: bool, valkey_url: str) -> None:
    app = FastAPI()

    @app.post("/constant")
    async def constant() -> dict[str, bool | int]:
        return {"allowed": True, "remaining": 41}

    pipeline = Pipeline(valkey_url)
    await pipeline.start()
    bucket = pipeline.script(TOKEN_BUCKET)

    def constant_in_lane(request: HotRequest, answer: Answer) -> None:
        answer(200, JSON, b'{"allowed":true,"remaining":41}')

    def checked_in_lane(request: HotRequest, answer: Answer) -> None:
        check = json.loads(request.body)

        def decided(left: object) -> None:
            if isinstance(left, int):
                answer(200, JSON, b'{"allowed":true,"remaining":%d}' % left)
            else:
                answer(503, JSON, b"{}")

        user = f"septet:{{{check['apiKey']}}}:limits:{check['route']}:{check['userId']}"
        pipeline.submit((b"EVALSHA", bucket, 1, user), decided)

    routes = [HotRoute(b"POST", b"/constant", constant_in_lane), HotRoute(b"POST", b"/check", checked_in_lane)]
    protocol = FastLane(routes) if in_lane else "httptools"
    config = uvicorn.Config(app, http=protocol, log_level="warning", access_log=False)  # type: ignore[arg-type]
    await uvicorn.Server(config).serve([listener])
    await pipeline.close()


def measure(title: str, path: str, core: int, options: argparse.Namespace, *, in_lane: bool, valkey_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        server = multiprocessing.get_context("fork").Process(
            target=serve, args=(listener, core), kwargs={"in_lane": in_lane, "valkey_url": valkey_url}
        )
        server.start()
        port = listener.getsockname()[1]
    try:
        request = render_request("POST", path, BODY)
        load = Load("127.0.0.1", port, lambda _: request, options.connections, options.seconds)
        print(f"{title:42}", run_rounds(load, options.rounds), flush=True)
        if shutil.which("wrk"):
            print(f"{'':42}", sorted(run_wrk(load) for _ in range(options.rounds))[options.rounds // 2], flush=True)
    finally:
        server.terminate()
        server.join()


async def measure_pipeline(valkey_url: str, seconds: float) -> None:
    pipeline = Pipeline(valkey_url)
    await pipeline.start()
    done = 0
    until = time.perf_counter() + seconds

    def again(_: object) -> None:
        nonlocal done
        done += 1
        if time.perf_counter() < until:
            pipeline.submit((b"INCR", b"n"), again)

    for _ in range(256):
        pipeline.submit((b"INCR", b"n"), again)
    await asyncio.sleep(seconds)
    print(f"{'pipeline, 256 in flight, callbacks':42} {done / seconds:9,.0f}/s")
    done, until = 0, time.perf_counter() + seconds

    async def one_by_one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await pipeline.call(b"INCR", b"n")
            done += 1

    await asyncio.gather(*(one_by_one() for _ in range(256)))
    print(f"{'pipeline, 256 in flight, futures':42} {done / seconds:9,.0f}/s")
    await pipeline.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    server_core, load_core = cores[0], cores[-1]
    with tempfile.TemporaryDirectory() as directory, asyncio.Runner() as runner:
        os.sched_setaffinity(0, {load_core})  # Valkey shares the load's core: the server's is for the server alone
        engine = ValkeyEngine(Path(directory))
        runner.run(engine.start())
        try:
            for title, path, in_lane in (
                ("FastAPI on uvicorn, constant", "/constant", False),
                ("fast lane, constant", "/constant", True),
                ("fast lane, one Lua check in Valkey", "/check", True),
            ):
                measure(title, path, server_core, options, in_lane=in_lane, valkey_url=engine.url)
            os.sched_setaffinity(0, {server_core})
            uvloop.run(measure_pipeline(engine.url, options.seconds))
        finally:
            runner.run(engine.stop())


if __name__ == "__main__":
    main()

"""Takes one guard away at a time and expects the attempts of the isolation tests to notice: `make test-mutants`.

A mutant is a table without its policy, which the attempts in SQL must notice, or a query without its tenant filter,
which the attempts over HTTP must, with all policies off. What nothing notices is listed, and the run fails. All run
in one process, on one platform; whoever was harmed by a mutant is replaced before the next.

    python -m tests.architecture.mutants [--only TEXT]
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from septet.app import SERVICES
from tests.architecture.foreign import ForeignValues, Operation, Table, operations, rows_of, tables
from tests.architecture.intruders import OWN_BUSINESS, ask, attempts_of_all, callers, in_both
from tests.architecture.policies import drop_policies, restore_policies
from tests.architecture.seeds import seeds
from tests.architecture.surgery import FilterMutant, filter_mutants
from tests.architecture.test_row_security import attempts
from tests.conftest import CHEAP_HASHES, fresh_settings
from tests.engines_of_run import EnginesOfRun
from tests.platform import Organization, Platform, running_platform

TOGETHER = 8
"""Operations tried at once."""


@dataclass
class Scene:
    """An intruding organization, its people, and the victim with all its rows."""

    platform: Platform
    intruder: Organization
    victim: Organization
    clients: dict[str, httpx.AsyncClient]
    rows: dict[str, list[dict[str, Any]]]
    document: dict[str, Any]
    values: ForeignValues


async def new_scene(platform: Platform) -> Scene:
    victim = await platform.organization("Victim")
    intruder = await platform.organization("Intruder")
    clients = await callers(platform, intruder)
    clients = {role: clients[role] for role in ("OWNER", "API key")}
    clients["MEMBER, and OWNER there"] = await in_both(platform, intruder, victim)
    for seed in seeds().values():
        await seed(platform, victim)
    document = (await platform.client().get("/openapi.json")).json()
    rows = await rows_of(platform, victim.id)
    return Scene(platform, intruder, victim, clients, rows, document, ForeignValues(victim.id, rows, document))


async def policy_noticed(scene: Scene, table: Table) -> bool:
    url = scene.platform.runtime.postgres.url
    await drop_policies(url, table.name)
    if not scene.rows[table.name]:
        print(f"{table.name} has no row of the victim: tests/architecture/seeds lacks one")
    try:
        async with scene.platform.runtime.postgres.dedicated_connection() as bare:
            return bool(await attempts(bare, table, scene.victim.id, str(scene.intruder.id)))
    finally:
        await restore_policies(url)


async def filter_noticed(scene: Scene, mutant: FilterMutant) -> bool:
    """Whether something is read that should not be, one's own answers change, or the victim's rows do."""
    tried = [o for o in operations(scene.document) if service_of(o) == mutant.service and not o.streams]
    plain = [o for o in tried if o.method == "get" and not o.parameters and not o.path.startswith(OWN_BUSINESS)]
    before, again = await answers(scene, plain), await answers(scene, plain)
    with mutant.in_place():
        await forget_who_is_who(scene.platform)
        changed = await answers(scene, plain)
        if any(changed[key] != before[key] == again[key] for key in before):
            return True
        for some in batches(tried):
            attempted = [attempts_of_all(scene.clients, operation, scene.values) for operation in some]
            if any(await asyncio.gather(*attempted)):
                return True
        await scene.platform.jobs_done()
    return await rows_of(scene.platform, scene.victim.id) != scene.rows


async def forget_who_is_who(platform: Platform) -> None:
    """Standings are cached in Valkey; a mutant that reads them must be asked."""
    await platform.runtime.valkey.client.flushdb()


async def answers(scene: Scene, plain: Sequence[Operation]) -> dict[tuple[str, str], str]:
    """What each of the intruders is told by operations that need no id."""
    asked = [(role, o) for role in scene.clients for o in plain]
    told = await asyncio.gather(*[ask(scene.clients[role], o, o.path) for role, o in asked])
    return {(role, o.path): answer.text for (role, o), answer in zip(asked, told, strict=True)}


def batches(tried: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    for start in range(0, len(tried), TOGETHER):
        yield tried[start : start + TOGETHER]


def service_of(operation: Operation) -> str | None:
    return _SERVICE_OF_PATH.get(operation.path)


_SERVICE_OF_PATH = {
    route.path: service.name  # type: ignore[attr-defined]
    for service in SERVICES
    for router in service.routers
    for route in router.routes
}


async def run(only: str) -> int:
    """Try all mutants whose names contain `only`; returns how many survived."""
    survivors: list[str] = []
    total = 0
    async with own_platform() as platform:
        scene = await new_scene(platform)
        for table in await tables(platform):
            if only in f"policy of {table.name}" and not table.name.startswith("kernel."):
                total += 1
                survivors += await told(f"policy of {table.name}", policy_noticed(scene, table))
        await drop_policies(platform.runtime.postgres.url)
        trusted: set[str] = set()
        for mutant in filter_mutants():
            if only in str(mutant):
                if mutant.service not in trusted and await filter_noticed(scene, mutant.harmless):
                    sys.exit(f"The attempts on {mutant.service} notice something though nothing was left out.")
                trusted.add(mutant.service)
                total += 1
                survivors += await told(str(mutant), filter_noticed(scene, mutant))
                if await rows_of(platform, scene.victim.id) != scene.rows or not await intact(scene):
                    scene = await new_scene(platform)
    print(f"{total - len(survivors)} of {total} noticed", *survivors, sep="\n  survived: ")
    return len(survivors)


async def told(name: str, noticed: Awaitable[bool]) -> list[str]:
    """Print what came of a mutant; its name when it survived."""
    started = time.monotonic()
    found = await noticed
    print("noticed " if found else "SURVIVED", name, f"({time.monotonic() - started:.1f} s)", flush=True)
    return [] if found else [name]


async def intact(scene: Scene) -> bool:
    """Whether the intruders can still act in their organization."""
    await forget_who_is_who(scene.platform)
    seen = [await client.get("/members") for client in scene.clients.values()]
    return {answer.status_code for answer in seen} == {200} and len({answer.text for answer in seen}) == 1


@asynccontextmanager
async def own_platform() -> AsyncIterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="septet-mutants-", ignore_cleanup_errors=True) as directory:
        async with fresh_settings(Path(directory), "septet_mutants") as settings, running_platform(settings) as made:
            yield made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose name contains this")
    only = parser.parse_args().only
    os.environ.update(CHEAP_HASHES)
    engines = EnginesOfRun()
    with contextlib.ExitStack() as stack:
        stack.callback(engines.stop)
        engines.start()
        sys.exit(1 if asyncio.run(run(only)) else 0)


if __name__ == "__main__":
    main()

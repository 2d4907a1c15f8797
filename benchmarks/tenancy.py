"""Sessions, log-ins, invitations and task lists of one core, beside better-auth (npm) on the same PostgreSQL.

The task list asks for 50 out of 100,000 tasks of one organization among 10,000, 100 times a second, with row-level
security and without. The peer needs Node 20; without it its rows are left out.
"""

import asyncio
import itertools
import json
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import asyncpg
import uvloop

from benchmarks.better_auth import peer_cases
from benchmarks.cases import Case, Round, Suite, http_round
from benchmarks.identity import hashing_limit
from benchmarks.installation import Installation
from benchmarks.load import Load, render_request, run
from benchmarks.pace import paced
from benchmarks.tenants import RARE_WORD, TASKS, fill, invite, join
from septet.kernel.secrets import Secrets
from septet.migrations.run import migrate_postgres
from septet.supervisor.directory import Running

T = TypeVar("T")
PASSWORD = "plenty of correct horses"
PEOPLE = [f"person{number}@example.com" for number in range(50)]
LISTED_PER_SECOND = 100
MOST_WAITS = 150
UNGUARDED = ("tasks", "projects", "memberships", "organizations", "subscriptions")


def prepare(septet: Installation) -> Sequence[Case]:
    """One person in one organization with all the tasks, another in 2,000 organizations, fifty who are invited."""
    tokens = [signed_up(septet, email) for email in PEOPLE]
    token, many = tokens[0], signed_up(septet, "many@example.com")
    organization = created(septet, "/organizations", token)
    unlimited(septet, token)
    project = created(septet, "/projects", token)
    running = Running.find(septet.data_dir)
    assert running is not None
    admin = running.engines.postgres_admin
    as_admin(admin, lambda connection: fill(connection, organization, project))
    as_admin(admin, lambda connection: join(connection, "many@example.com", 2_000))
    pepper = Secrets.load(septet.data_dir).session_pepper
    invitations = iter(as_admin(admin, lambda connection: invite(connection, pepper, PEOPLE)))
    credentials = json.dumps({"email": PEOPLE[0], "password": PASSWORD}).encode()

    def accept(_: int) -> bytes:
        person, invitation = next(invitations)
        headers = {"Authorization": f"Bearer {tokens[person]}"}
        return render_request("POST", "/invitations/accept", json.dumps({"token": invitation}).encode(), headers)

    def listed(query: str, per_second: float = LISTED_PER_SECOND) -> Callable[[float], Round]:
        headers = {"Authorization": f"Bearer {token}", "Septet-Organization": organization}
        request = render_request("GET", f"/projects/{project}/tasks?limit=50{query}", b"", headers)
        return lambda seconds: uvloop.run(paced(septet.web_port, request, per_second, seconds))

    core = min(os.sched_getaffinity(septet.process.pid))
    as_admin(admin, jobs_done)
    checked = http_round(septet, "GET", "/auth/session", token=token, connections=16)
    return [
        Case("the person and their organizations (`GET /me`)", "requests/s", loaded(septet.web_port, me(token), 16)),
        Case("session check (`GET /auth/session`, in the fast lane)", "requests/s", checked),
        Case("log-in", "log-ins/s", http_round(septet, "POST", "/auth/login", credentials, connections=8)),
        Case("argon2id alone, one core", "hashes/s", hashing_limit, "no log-in can be faster"),
        Case(f"50 of {TASKS:,} tasks, paced", "requests/s", listed("")),
        Case("the same without row-level security", "requests/s", without_policies(admin, listed(""))),
        Case("50 of the 100 with a rare word (`q=`), paced", "requests/s", listed(f"&q={RARE_WORD}", per_second=5)),
        *of_many(septet, token, many),
        *peer_cases(admin, core, PEOPLE, PASSWORD, loaded),
        Case("migrating ten organizations", "runs/s", migrating(admin, 10)),
        Case("migrating 10,000 organizations", "runs/s", migrating(admin, 10_000)),
        Case("accept an invitation", "invitations/s", loaded(septet.web_port, accept, 16)),
    ]


def me(token: str) -> Callable[[int], bytes]:
    request = render_request("GET", "/me", b"", {"Authorization": f"Bearer {token}"})
    return lambda _: request


async def jobs_done(connection: asyncpg.Connection) -> None:
    """Wait until the mails of all who signed up are sent, so that they do not disturb."""
    due = "SELECT count(*) FROM kernel.pgqueuer WHERE status IN ('queued', 'picked') AND execute_after <= now()"
    for _ in range(MOST_WAITS):
        if not await connection.fetchval(due):
            return
        await asyncio.sleep(0.2)


def signed_up(septet: Installation, email: str) -> str:
    status, answer = septet.call("POST", "/auth/signup", {"email": email, "password": PASSWORD, "name": "Load"})
    assert status == 201, answer
    return str(answer["session"]["token"])


def created(septet: Installation, path: str, token: str) -> str:
    status, answer = septet.call("POST", path, {"name": "Large"}, token=token)
    assert status == 201, answer
    return str(answer["id"])


def unlimited(septet: Installation, token: str) -> None:
    """Take the organization's limits on requests away: they are not what is measured here."""
    for rule in septet.call("GET", "/limits/rules", token=token)[1]["data"]:
        assert septet.call("DELETE", f"/limits/rules/{rule['id']}", token=token)[0] == 204


def as_admin(admin: str, work: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
    """Do something on a connection of PostgreSQL's administrator."""

    async def connected() -> T:
        connection = await asyncpg.connect(admin)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def loaded(port: int, request: Callable[[int], bytes], connections: int) -> Callable[[float], Round]:
    """As many requests as are answered; any answer but 200 fails the round."""

    def measure(seconds: float) -> Round:
        result = uvloop.run(run(Load("127.0.0.1", port, request, connections, seconds)))
        if set(result.statuses) != {200}:
            raise RuntimeError(str(result))
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure


def without_policies(admin: str, measure: Callable[[float], Round]) -> Callable[[float], Round]:
    """The same round while the tables of the list are unguarded."""

    def switch(state: str) -> None:
        for table in UNGUARDED:
            statement = f"ALTER TABLE tenancy.{table} {state} ROW LEVEL SECURITY"
            as_admin(admin, lambda connection, sql=statement: connection.execute(sql))

    def unguarded(seconds: float) -> Round:
        switch("DISABLE")
        try:
            return measure(seconds)
        finally:
            switch("ENABLE")

    return unguarded


def of_many(septet: Installation, one: str, many: str) -> list[Case]:
    """What a user pays on other requests for belonging to 2,000 organizations."""
    names = {one: "`GET /auth/sessions`, in one organization", many: "the same, in 2,000 organizations"}
    return [
        Case(name, "requests/s", http_round(septet, "GET", "/auth/sessions", token=token, connections=16))
        for token, name in names.items()
    ]


def migrating(admin: str, organizations: int) -> Callable[[float], Round]:
    """All migrations after tenancy's, on a database that holds so many organizations."""
    numbers = itertools.count()

    def measure(_: float) -> Round:
        name = f"migrated_{organizations}_{next(numbers)}"
        url = admin.replace("/septet?", f"/{name}?")
        as_admin(admin, lambda connection: connection.execute(f"CREATE DATABASE {name}"))
        asyncio.run(migrate_postgres(url, "0002"))
        as_admin(url, lambda connection: connection.execute(
            f"""INSERT INTO tenancy.organizations (tenant_id, name, slug, plan, revision, created_at)
                SELECT gen_random_uuid(), 'O', 'o-' || n, 'FREE', 1, now() FROM generate_series(1, {organizations}) n"""
        ))  # fmt: skip
        started = time.perf_counter()
        asyncio.run(migrate_postgres(url))
        return Round(1 / (time.perf_counter() - started))

    return measure


SUITE = Suite("Tenancy", prepare)

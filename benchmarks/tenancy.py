"""Sessions, log-ins and task lists of one core, beside better-auth (npm) on the same PostgreSQL.

The task list asks for 50 out of 100,000 tasks of one organization among 10,000; it is measured with row-level security
and without. The peer needs Node 20 and `npm ci` in `benchmarks/peers/tenancy`; without it its rows are left out.
"""

import asyncio
import atexit
import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from benchmarks.cases import Case, Round, Suite, http_round
from benchmarks.installation import Installation, free_ports
from benchmarks.load import Load, render_request, run
from septet.supervisor.directory import Running

PEER = Path(__file__).parent / "peers" / "tenancy"
PASSWORD = "plenty of correct horses"
ORGANIZATIONS, TASKS = 10_000, 100_000


def prepare(septet: Installation) -> Sequence[Case]:
    """One person in one organization with all the tasks, another in 2,000 organizations."""
    token = signed_up(septet, "one@example.com")
    status, organization = septet.call("POST", "/organizations", {"name": "Large"}, token=token)
    assert status == 201, organization
    status, project = septet.call("POST", "/projects", {"name": "Large"}, token=token)
    assert status == 201, project
    running = Running.find(septet.data_dir)
    assert running is not None
    admin = running.engines.postgres_admin
    asyncio.run(fill(admin, organization["id"], project["id"]))
    many = signed_up(septet, "many@example.com")
    asyncio.run(join(admin, "many@example.com", 2_000))
    path = f"/projects/{project['id']}/tasks?limit=50"
    credentials = json.dumps({"email": "one@example.com", "password": PASSWORD}).encode()
    members = {"Septet-Organization": organization["id"]}
    cases = [
        Case("session check (`GET /me`)", "requests/s", http_round(septet, "GET", "/me", token=token, connections=16)),
        Case(
            "session check of a member of 2,000 organizations (`GET /auth/sessions`)",
            "requests/s",
            http_round(septet, "GET", "/auth/sessions", token=many, connections=16),
        ),
        Case("log-in", "log-ins/s", http_round(septet, "POST", "/auth/login", credentials, connections=8)),
        Case(f"50 of {TASKS:,} tasks", "requests/s", paced(septet.web_port, path, token, members)),
        Case(
            "the same without row-level security",
            "requests/s",
            without_policies(admin, paced(septet.web_port, path, token, members)),
        ),
    ]
    return [*cases, *peer_cases(admin)]


def signed_up(septet: Installation, email: str) -> str:
    status, answer = septet.call("POST", "/auth/signup", {"email": email, "password": PASSWORD, "name": "Load"})
    assert status == 201, answer
    return str(answer["session"]["token"])


async def fill(admin: str, tenant: str, project: str) -> None:
    """Other organizations, and the tasks of this one."""
    connection = await asyncpg.connect(admin)
    await connection.execute(
        f"""INSERT INTO tenancy.organizations (tenant_id, name, slug, plan, revision, created_at)
            SELECT gen_random_uuid(), 'O', 'o-' || n, 'FREE', 1, now() FROM generate_series(1, {ORGANIZATIONS}) n"""
    )
    await connection.execute(
        f"""INSERT INTO tenancy.tasks (tenant_id, id, project_id, number, title, description, status, priority, labels,
              position, revision, created_at, updated_at)
            SELECT $1, gen_random_uuid(), $2, n, 'Task ' || n, repeat('word ', 20), 'todo', 0, '{{}}',
              lpad(n::text, 8, '0') || 'V', 1, now(), now() FROM generate_series(1, {TASKS}) n""",
        tenant,
        project,
    )
    await connection.execute("VACUUM ANALYZE tenancy.tasks, tenancy.organizations")
    await connection.close()


async def join(admin: str, email: str, count: int) -> None:
    connection = await asyncpg.connect(admin)
    await connection.execute(
        """INSERT INTO tenancy.memberships (tenant_id, user_id, role, joined_at)
           SELECT o.tenant_id, u.id, 'MEMBER', now() FROM tenancy.organizations o, tenancy.users u
           WHERE u.email = $1 AND o.slug LIKE 'o-%' LIMIT $2""",
        email,
        count,
    )
    await connection.close()


def paced(port: int, path: str, token: str, headers: dict[str, str]) -> Callable[[float], Round]:
    """One connection after another without pause; the p99 is what counts."""
    request = render_request("GET", path, b"", {"Authorization": f"Bearer {token}"} | headers)

    def measure(seconds: float) -> Round:
        result = uvloop.run(run(Load("127.0.0.1", port, lambda _: request, 1, seconds)))
        if set(result.statuses) != {200}:
            raise RuntimeError(str(result))
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure


def without_policies(admin: str, measure: Callable[[float], Round]) -> Callable[[float], Round]:
    """The same round while the tables of the list are unguarded."""
    tables = ("tasks", "projects", "memberships", "organizations", "subscriptions")

    async def switch(state: str) -> None:
        connection = await asyncpg.connect(admin)
        for table in tables:
            await connection.execute(f"ALTER TABLE tenancy.{table} {state} ROW LEVEL SECURITY")
        await connection.close()

    def unguarded(seconds: float) -> Round:
        asyncio.run(switch("DISABLE"))
        try:
            return measure(seconds)
        finally:
            asyncio.run(switch("ENABLE"))

    return unguarded


def peer_cases(admin: str) -> list[Case]:
    """better-auth with a database of its own on the same server; none without Node or its packages."""
    node = shutil.which("node")
    if node is None or not (PEER / "node_modules").is_dir():
        print("better-auth is left out: it needs Node 20 and `npm ci` in benchmarks/peers/tenancy", flush=True)
        return []
    port = free_ports(1)[0]
    url = asyncio.run(own_database(admin))
    process = subprocess.Popen([node, "server.mjs", str(port), url], cwd=PEER, stdout=subprocess.PIPE, text=True)
    atexit.register(process.kill)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    account = {"email": "one@example.com", "password": PASSWORD, "name": "Load"}
    cookie = post(port, "/api/auth/sign-up/email", account)
    login = render_request("POST", "/api/auth/sign-in/email", json.dumps(account).encode(), origin(port))
    check = render_request("GET", "/api/auth/get-session", b"", {"Cookie": cookie})
    return [
        Case("better-auth: session check", "requests/s", rounds(port, check, 16)),
        Case("better-auth: log-in (scrypt)", "log-ins/s", rounds(port, login, 8)),
    ]


def origin(port: int) -> dict[str, str]:
    return {"Origin": f"http://127.0.0.1:{port}"}


async def own_database(admin: str) -> str:
    connection = await asyncpg.connect(admin)
    await connection.execute("CREATE DATABASE peer")
    await connection.close()
    return admin.replace("/septet?", "/peer?")


def post(port: int, path: str, body: dict[str, Any]) -> str:
    """The session cookie of the answer."""
    import urllib.request

    headers = {"Content-Type": "application/json"} | origin(port)
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


def rounds(port: int, request: bytes, connections: int) -> Callable[[float], Round]:
    def measure(seconds: float) -> Round:
        result = uvloop.run(run(Load("127.0.0.1", port, lambda _: request, connections, seconds)))
        if set(result.statuses) != {200}:
            raise RuntimeError(str(result))
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure


SUITE = Suite("Tenancy", prepare)

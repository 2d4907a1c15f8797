"""The peer: better-auth with its organization plugin on Node, with a database of its own on the same PostgreSQL."""

import asyncio
import atexit
import http.client
import itertools
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from benchmarks.cases import Case, Round
from benchmarks.installation import free_ports
from benchmarks.load import render_request
from benchmarks.peer import installed
from benchmarks.tenants import INVITATIONS, ORGANIZATIONS, invited

ACCEPT = "/api/auth/organization/accept-invitation"
Measure = Callable[[int, Callable[[int], bytes], int], Callable[[float], Round]]


def peer_cases(admin: str, core: int, emails: Sequence[str], password: str, measure: Measure) -> list[Case]:
    """Its cases, run on `core` as Septet is; none without Node or its packages."""
    if (folder := installed("tenancy")) is None:
        return []
    port = free_ports(1)[0]
    url = asyncio.run(_own_database(admin))
    command = ["node", "server.mjs", str(port), url]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    atexit.register(process.kill)
    os.sched_setaffinity(process.pid, {core})
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    accounts = [{"email": email, "password": password, "name": "Load"} for email in emails]
    cookies = [_cookie(_post(port, "/api/auth/sign-up/email", account)) for account in accounts]
    asyncio.run(_invite(url, emails))
    check = render_request("GET", "/api/auth/get-session", b"", {"Cookie": cookies[0]})
    login = render_request("POST", "/api/auth/sign-in/email", json.dumps(accounts[0]).encode(), _origin(port))
    numbers = itertools.count()

    def accept(_: int) -> bytes:
        number = next(numbers)
        headers = {"Cookie": cookies[invited(number, len(emails))]} | _origin(port)
        return render_request("POST", ACCEPT, json.dumps({"invitationId": f"i{number}"}).encode(), headers)

    return [
        Case("better-auth: session check", "requests/s", measure(port, lambda _: check, 16)),
        Case("better-auth: log-in (scrypt)", "log-ins/s", measure(port, lambda _: login, 8)),
        Case("better-auth: accept an invitation", "invitations/s", measure(port, accept, 16)),
    ]


async def _own_database(admin: str) -> str:
    connection = await asyncpg.connect(admin)
    await connection.execute("CREATE DATABASE peer")
    await connection.close()
    return admin.replace("/septet?", "/peer?")


def _post(port: int, path: str, body: dict[str, Any]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | _origin(port))
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return answer


def _cookie(answer: http.client.HTTPResponse) -> str:
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def _origin(port: int) -> dict[str, str]:
    return {"Origin": f"http://127.0.0.1:{port}"}


async def _invite(url: str, emails: Sequence[str]) -> None:
    """As many organizations and invitations as Septet has."""
    now = datetime.now()  # noqa: DTZ005 - the peer's columns have no time zone
    connection = await asyncpg.connect(url)
    await connection.execute('UPDATE "user" SET "emailVerified" = true')
    inviter = await connection.fetchval('SELECT id FROM "user" LIMIT 1')
    await connection.copy_records_to_table(
        "organization",
        records=[(f"o{n}", "O", f"o-{n}", now) for n in range(ORGANIZATIONS)],
        columns=["id", "name", "slug", "createdAt"],
    )
    await connection.copy_records_to_table(
        "invitation",
        records=[
            (f"i{n}", f"o{n % ORGANIZATIONS}", emails[invited(n, len(emails))], "member", "pending",
             now + timedelta(days=7), inviter)
            for n in range(INVITATIONS)
        ],
        columns=["id", "organizationId", "email", "role", "status", "expiresAt", "inviterId"],
    )  # fmt: skip
    await connection.execute("VACUUM ANALYZE")
    await connection.close()

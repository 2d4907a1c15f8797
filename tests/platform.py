"""Septet inside a test: the real application on real engines, spoken to over HTTP in process."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from septet.app import ALWAYS, SERVICES, make_runtime, provider_application, web_application
from septet.kernel.background import end
from septet.kernel.config import Settings
from septet.kernel.runtime import Runtime
from septet.kernel.service import running
from septet.kernel.uow import UnitOfWork
from septet.kernel.worker import Worker
from septet.services.tenancy.actions.accounts import create_user
from septet.services.tenancy.actions.sessions import start_session
from septet.services.tenancy.passwords import hash_password
from septet.services.tenancy.settings import TenancySettings
from tests.engines_of_run import owner_url

PASSWORD = "correct horse battery staple"
BASE_URL = "http://septet.test"
DEVICE, ADDRESS = f"python-httpx/{httpx.__version__}", "127.0.0.1"
_numbers = itertools.count(1)
_DUE_JOBS = text(
    """SELECT entrypoint, status::text, attempts, convert_from(payload, 'UTF8') AS payload FROM kernel.pgqueuer
       WHERE status IN ('failed', 'picked') OR execute_after <= now()"""
)
_DUE_NOTIFICATIONS = text("SELECT count(*) FROM notifications.outbox WHERE due_at <= :now")


@dataclass(frozen=True)
class Person:
    """Somebody with an account; `client` is logged in as them, in `organization_id` where they have one."""

    client: httpx.AsyncClient
    id: UUID
    email: str
    token: str


@dataclass(frozen=True)
class Organization:
    """An organization with its owner, whose client names it in every request."""

    id: UUID
    owner: Person

    @property
    def client(self) -> httpx.AsyncClient:
        return self.owner.client


class Platform:
    """The running application. Tests isolate themselves by making organizations of their own."""

    def __init__(self, runtime: Runtime, web: FastAPI, provider: FastAPI, worker: Worker) -> None:
        self.runtime = runtime
        self.web = web
        self.worker = worker
        owner = make_url(owner_url(runtime.postgres.url)).set(drivername="postgresql+asyncpg")
        self.owner_engine = create_async_engine(owner, pool_size=1, isolation_level="AUTOCOMMIT")
        self._hash: str | None = None
        self._web = httpx.ASGITransport(web)
        self._provider = httpx.ASGITransport(provider)

    def client(self, token: str | None = None, organization_id: UUID | None = None) -> httpx.AsyncClient:
        """An HTTP client of the web port."""
        headers = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if organization_id:
            headers["Septet-Organization"] = str(organization_id)
        return httpx.AsyncClient(transport=self._web, base_url=BASE_URL, headers=headers)

    def provider_client(self, key: str = "sk_test_septet") -> httpx.AsyncClient:
        """An HTTP client of the fake payment provider's port."""
        return httpx.AsyncClient(
            transport=self._provider, base_url="http://provider.test", headers={"Authorization": f"Bearer {key}"}
        )

    async def person(self, organization_id: UUID | None = None) -> Person:
        """A new account, logged in: as after `POST /auth/signup`, without the mail that asks to verify the address.

        Nearly every test begins with one, so what a sign-up costs was a tenth of all tests' time.
        """
        email = f"person{next(_numbers)}@example.com"
        async with UnitOfWork(self.runtime) as uow:
            uow.device, uow.address = DEVICE, ADDRESS
            user = await create_user(uow, email, email.partition("@")[0], "en", await self._password_hash())
            session = await start_session(uow, user, "password")
            await uow.commit()
        return Person(self.client(session.token, organization_id), user.id, email, session.token)

    async def _password_hash(self) -> str:
        if self._hash is None:
            self._hash = await hash_password(PASSWORD, self.runtime.service_settings(TenancySettings))
        return self._hash

    async def organization(self, name: str = "Acme") -> Organization:
        """A new organization with a new owner."""
        founder = await self.person()
        organization_id = UUID(created(await founder.client.post("/organizations", json={"name": name}))["id"])
        owner = Person(self.client(founder.token, organization_id), founder.id, founder.email, founder.token)
        return Organization(organization_id, owner)

    async def api_client(self, organization: Organization, *scopes: str) -> httpx.AsyncClient:
        """A client that authenticates with a new API key of the organization; all scopes unless some are named."""
        return self.client(await self.api_key(organization, *scopes))

    async def api_key(self, organization: Organization, *scopes: str) -> str:
        body = {"name": "test", "scopes": list(scopes) or ["*"]}
        return str(created(await organization.client.post("/api-keys", json=body))["key"])

    async def jobs_done(self, timeout: float = 20) -> None:
        """Wait until no due job is left, nor notification; raises AssertionError on a dead letter, or if it is long."""
        waiting: list[str] = []
        try:
            async with asyncio.timeout(timeout):
                while waiting := await self._due_jobs():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"after {timeout} s there are still: {'; '.join(waiting)}") from None

    async def _due_jobs(self) -> list[str]:
        """Each with its payload, and how many notifications."""
        # As the owner: the application sees no tenant's outbox without naming it.
        async with self.owner_engine.connect() as connection:
            jobs = (await connection.execute(_DUE_JOBS)).all()
            # In this order: what a job left, before it was gone, is due by now.
            count = await connection.scalar(_DUE_NOTIFICATIONS, {"now": self.runtime.clock.now()})
        failed = [f"{job.entrypoint} {job.payload}" for job in jobs if job.status == "failed"]
        assert not failed, f"jobs failed for good: {'; '.join(failed)}"
        due = [f"{job.entrypoint} {job.payload} ({job.status}, {job.attempts} attempts)" for job in jobs]
        return [*due, f"{count} notifications"] if count else due

    async def advance(self, seconds: float) -> None:
        """Move the virtual clock, as POST /clock/advance does, and wait for what became due."""
        (await self.client().post("/clock/advance", json={"seconds": seconds})).raise_for_status()
        await self.jobs_done()


@asynccontextmanager
async def running_platform(settings: Settings) -> AsyncIterator[Platform]:
    """All services and a worker, in this process."""
    async with (
        make_runtime(settings).open() as runtime,
        running(SERVICES, "web", runtime),
        running(SERVICES, "worker", runtime),
    ):
        worker = Worker(runtime, {service.name for service in SERVICES} | ALWAYS | {"tests"})
        task = asyncio.create_task(worker.run())
        platform = Platform(runtime, web_application(runtime), provider_application(runtime), worker)
        try:
            yield platform
        finally:
            await platform.owner_engine.dispose()
            worker.stop()
            await asyncio.wait({task}, timeout=5)
            await end(task)


def platform_settings(data_dir: Path, postgres: str, valkey: str, clickhouse: str, **more: Any) -> Settings:
    """Settings of a platform in tests, with the virtual clock."""
    return Settings(
        data_dir=data_dir,
        postgres_url=postgres,
        valkey_url=valkey,
        clickhouse_url=clickhouse,
        public_url=BASE_URL,
        **{"virtual_clock": True, "log_level": "warning", "engine_patience_seconds": 3, **more},
    )


def created(response: httpx.Response) -> dict[str, Any]:
    """The body of a 201; anything else fails with what was answered."""
    assert response.status_code == 201, f"{response.status_code}: {response.text}"
    body: dict[str, Any] = response.json()
    return body


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which must have this status and code."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    return body

"""`septet restore-organization`, `mark-paid`, `set-feature`: what an operator does to one organization."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import CommandFailed, out
from septet.kernel.config import Settings
from septet.supervisor.engines import engines_at_hand

if TYPE_CHECKING:
    from septet.kernel.uow import UnitOfWork

OrganizationId = Annotated[UUID, typer.Argument(metavar="ORGANIZATION", help="The organization's id.")]


def restore_organization(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive made by an export.")],
    into: Annotated[UUID | None, typer.Option(help="An empty organization that takes the archive's place.")] = None,
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Bring an organization back from its archive, identically: under its old id, or into an empty one."""

    async def restore(uow: "UnitOfWork") -> str:
        from septet.services.tenancy.actions.restoring import restore_archive

        try:
            organization = await restore_archive(uow, archive.read_bytes(), into)
        except ValueError as error:
            raise CommandFailed(f"{archive}: {error}") from error
        return f"{organization.name} is back as {organization.id}. Its API keys are not in the archive: make new ones."

    out.print(asyncio.run(_act(settings_of(sets, data_dir=data_dir), into, restore)), markup=False)


def mark_paid(
    organization: OrganizationId,
    invoice: Annotated[UUID, typer.Argument(help="The invoice's id.")],
    reference: Annotated[str, typer.Option(help="What to note about the payment.")] = "operator",
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Note that an invoice was paid, for example by bank transfer; lifts the restriction when nothing else is open."""

    async def pay(uow: "UnitOfWork") -> str:
        from septet.services.tenancy.actions.collection import invoice_paid

        paid = await invoice_paid(uow, invoice, reference)
        return f"Invoice {paid.number} over {paid.amount_due / 100:.2f} {paid.currency} is {paid.status}."

    out.print(asyncio.run(_act(settings_of(sets, data_dir=data_dir), organization, pay)), markup=False)


def set_feature(
    organization: OrganizationId,
    key: Annotated[str, typer.Argument(help="A feature or quota of the plans; GET /features lists them.")],
    value: Annotated[str, typer.Argument(help="JSON: true, false or a number; empty gives the decision back.")],
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Give one organization another value of a feature or quota than its plan has."""

    async def put(uow: "UnitOfWork") -> str:
        from septet.services.tenancy.actions import flags

        if not value:
            await flags.delete_flag(uow, key)
            return f"{key} follows the plan again."
        given = _json(value)
        off: Any = False if isinstance(given, bool) else 0
        await flags.put_flag(uow, key, flags.Definition("", True, given, off, Decimal(100), None, None))
        return f"{key} is {value} for {organization}, whatever its plan."

    out.print(asyncio.run(_act(settings_of(sets, data_dir=data_dir), organization, put)), markup=False)


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise CommandFailed(f"{value} is not JSON; give true, false or a number.") from None


async def _act(settings: Settings, tenant_id: UUID | None, work: "Callable[[UnitOfWork], Awaitable[str]]") -> str:
    """Do it in a transaction as the system; returns what to print."""
    from septet.app import make_runtime  # here, since it brings all services
    from septet.kernel.identity import system_actor
    from septet.kernel.uow import UnitOfWork

    async with (
        engines_at_hand(settings) as urls,
        make_runtime(urls.apply_to(settings)).open() as runtime,
        UnitOfWork(runtime, system_actor(tenant_id)) as uow,
    ):
        told = await work(uow)
        await uow.commit()
        return told

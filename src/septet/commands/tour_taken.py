"""Taking the tour and showing what was found; apart from the command, since the client takes a while to import."""

import asyncio
import re
import time
from collections.abc import Sequence

import httpx
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from septet.client.chat import ChatClosed, ChatRefused
from septet.client.retrying import Refused
from septet.commands.terminal import CommandFailed, err, out
from septet.tour.figures import Figure
from septet.tour.journey import NeverCame, Place, Tour
from septet.tour.journey import tour as begun
from septet.tour.stops import conversation, limits, links, logs, people, plan, refund, work

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MEETING = ("Two people sign up, one invites the other", people.meet)
STOPS = {
    "projects": ("A project with tasks", work.plan_work),
    "chat": ("A chat over two WebSockets", conversation.chat),
    "billing": ("A better plan, paid at the second attempt", plan.upgrade),
    "links": ("A short link, visited a thousand times", links.follow),
    "logs": ("Log lines, sent and searched", logs.send_and_search),
    "limits": ("A limit, run into", limits.run_into_one),
    "payments": ("An order sold and given back, the books compared", refund.sell_refund_and_reconcile),
}


def take(place: Place, lines: Sequence[str], *, only: Sequence[str], keep: bool) -> None:
    """Watchable. `only`: names of STOPS, none for all.

    Raises CommandFailed when a stop is unknown, Septet does not answer, or a figure does not hold.
    """
    if unknown := [name for name in only if name not in STOPS]:
        raise CommandFailed(f"There is no stop {', '.join(unknown)}. Stops of the tour: {', '.join(STOPS)}.")
    started = time.monotonic()
    taken = asyncio.run(_take(place, lines, only or list(STOPS), keep=keep))
    _show(taken, place, time.monotonic() - started, keep=keep)
    wrong = [figure.what for figure in taken.figures if not figure.holds]
    if wrong:
        raise CommandFailed(f"{len(wrong)} of {len(taken.figures)} figures do not hold: {', '.join(wrong)}.")


async def _take(place: Place, chosen: Sequence[str], stops: Sequence[str], *, keep: bool) -> Tour:
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        try:
            async with begun(place, chosen) as taken:
                for title, visit in [MEETING, *(stop for name, stop in STOPS.items() if name in stops)]:
                    task = progress.add_task(title, total=1)
                    await visit(taken)
                    progress.update(task, completed=1)
                if not keep:
                    await people.leave(taken)
                return taken
        except httpx.TransportError as error:
            raise CommandFailed(
                f"Septet does not answer at {place.url} ({error!r}). Start it with `septet up`."
            ) from error
        except (Refused, NeverCame, ChatClosed, ChatRefused) as error:
            raise CommandFailed(f"The tour ended early: {error}") from error


def _show(taken: Tour, place: Place, seconds: float, *, keep: bool) -> None:
    table = Table("", "what", Column("found", justify="right"), "console", "API", box=None, header_style="bold")
    for figure in taken.figures:
        mark = "[green]✓[/]" if figure.holds else "[red]✗[/]"
        table.add_row(mark, figure.what, _found(figure), _linked(place, figure.console), _short(figure.api))
    out.print(table)
    holding = sum(figure.holds for figure in taken.figures)
    out.print(f"\n{holding} of {len(taken.figures)} figures hold, after {seconds:.0f} s.", soft_wrap=True)
    if keep:
        out.print(
            f"Look around: {place.url}/console/ as {taken.ada.email}, password “{taken.ada.password}”.", soft_wrap=True
        )


def _linked(place: Place, path: str) -> str:
    """A path in the console; a terminal that knows how makes it a link."""
    return f"[link={place.url}/console{path}]{_short(path)}[/link]"


def _short(path: str) -> str:
    """Ids by their last four digits."""
    return _ID.sub(lambda found: f"…{found[0][-4:]}", path)


def _found(figure: Figure) -> str:
    found = _text(figure.found)
    return found if figure.holds else f"{found}, not {_text(figure.expected)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count:,}" for name, count in sorted(value.items()))
    if isinstance(value, (list, set, tuple)):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)

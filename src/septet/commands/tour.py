"""`septet tour`: use everything once, watch it, and see every figure checked."""

from pathlib import Path
from typing import Annotated

import typer

from septet.commands.startup import Sets, settings_of
from septet.tour import lines as tour_lines

PATIENCE_SECONDS = 20.0


def tour(
    logs: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Send this file's first lines, such as an access log's."),
    ] = None,
    lines: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many log lines to send.")] = tour_lines.LINES,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Visit this stop alone: projects, chat, billing, links, logs, limits, payments; repeatable."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the organization and its people to look at.")] = False,
    url: Annotated[str | None, typer.Option(help="Where Septet is [default: SEPTET_PUBLIC_URL]")] = None,
    gateway: Annotated[
        list[str] | None, typer.Option(help="Where its chat gateway is, as ws://…; repeatable [default: this machine]")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds to wait for what must come, and to try again.")
    ] = PATIENCE_SECONDS,
    sets: Sets = None,
) -> None:
    """Take two people through all seven services of a running Septet, and check every figure. Under a minute.

    Ends with a table of what happened and where to look at it; with status 1 when a figure is not what it must be.
    """
    # Here, since the client takes longer to import than most commands take in all.
    from septet.commands.tour_taken import take
    from septet.tour.journey import Place

    settings = settings_of(sets)
    place = Place(
        url or settings.public_url.rstrip("/"),
        gateway or [f"ws://{settings.host}:{settings.gateway_port}/"],
        patience,
    )
    take(place, tour_lines.of_file(logs, lines) if logs else tour_lines.made_up(lines), only=only or [], keep=keep)

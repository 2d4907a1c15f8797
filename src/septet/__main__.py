"""The command line: `septet COMMAND`, also `python -m septet COMMAND`. One file a command in `septet.commands`."""

import sys

import typer

from septet.commands import backup, config, doctor, jobs, migrate, organization, run, tour, up, version
from septet.commands.terminal import fail, is_sentence
from septet.kernel.collector import collect_rarely, spare_the_last

app = typer.Typer(
    name="septet",
    help="The backend that every SaaS product needs: seven services, one install, real engines.",
    epilog="Begin with `septet up`. Every setting is an environment variable: `septet config` lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(up.up)
app.command()(tour.tour)
app.command()(run.run)
app.command()(migrate.migrate)
app.command()(config.config)
app.command()(doctor.doctor)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(jobs.jobs)
app.command()(organization.restore_organization)
app.command()(organization.mark_paid)
app.command()(organization.set_feature)
app.command()(version.version)


def main() -> None:
    """Run a command; what goes wrong is told in sentences, without a traceback."""
    collect_rarely()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        fail(error if is_sentence(error) else f"Unexpected {type(error).__name__}: {error}", show_traceback=error)
    finally:
        spare_the_last()


if __name__ == "__main__":
    main()

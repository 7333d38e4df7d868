"""The command: ``conformance``, or ``python -m conformance``. Layer 4."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from conformance.errors import ConformanceError

COMMANDS = {
    "plan": "planning:plan_command",
    "run": "running:run_command",
    "coverage": "planning:coverage_command",
    "schema": "schemas:schema_group",
    "check": "checking:check_command",
    "bump": "bumping:bump_command",
    "known": "knowing:known_group",
    "cloud": "clouds:cloud_group",
    "lab": "labs:lab_group",
    "report": "reporting:report_command",
    "gate": "gates:gate_group",
    "sweep": "sweeping:sweep_command",
}


class Lazy(click.Group):
    """A group whose commands are imported when they are asked for: a plan needs no client, a check no pytest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(import_module(f"conformance.commands.{module}"), name)
        return command  # type: ignore[no-any-return]


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="microversion-conformance")
def conformance() -> None:
    """Say, microversion by microversion, whether an OpenStack cloud answers as its API history promises.

    Exit codes: 0 conforms; 1 findings; 2 wrong usage or wrong data; 3 the cloud can't be used.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; errors that a user can mend are told on standard error, without a traceback."""
    try:
        sys.exit(conformance.main(args=arguments, prog_name="conformance", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except ConformanceError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

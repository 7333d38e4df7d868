"""The command: ``conformance``, or ``python -m conformance``. Layer 4."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from conformance.commands.clouds import cloud_group
from conformance.commands.planning import coverage_command, plan_command
from conformance.commands.running import run_command, sweep_command
from conformance.commands.schemas import check_command, schema_group
from conformance.errors import ConformanceError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="microversion-conformance")
def conformance() -> None:
    """Say, microversion by microversion, whether an OpenStack cloud answers as its API history promises.

    Exit codes: 0 conforms; 1 findings; 2 wrong usage or wrong data; 3 the cloud can't be used.
    """


for command in (
    check_command,
    cloud_group,
    coverage_command,
    plan_command,
    run_command,
    schema_group,
    sweep_command,
):
    conformance.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; errors that a user can mend are told on standard error, without a traceback."""
    try:
        conformance.main(args=arguments, prog_name="conformance", standalone_mode=True)
    except ConformanceError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    return 0


if __name__ == "__main__":
    main()

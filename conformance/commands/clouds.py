"""``conformance cloud``: a real cloud on this machine, for a developer or a gate. Layer 4."""

from __future__ import annotations

import json
from typing import Literal

import attrs
import click

from conformance import embedded
from conformance.commands.options import (
    database_option,
    json_option,
    name_option,
    parse_sources,
    release_option,
    source_option,
)


@click.group("cloud")
def cloud_group() -> None:
    """Boot real OpenStack services on this machine's loopback, look at them, stop them."""


@cloud_group.command("up")
@click.argument("services", nargs=-1)
@name_option
@source_option
@release_option
@database_option
def up_command(
    services: tuple[str, ...], name: str, sources: tuple[str, ...], release: str | None, database: str
) -> None:
    """Boot a cloud: all services, or SERVICES and what they need (such as placement)."""
    checkouts = parse_sources(sources)
    cloud = embedded.up(name, services=services, sources=checkouts, release=release, database=database, say=click.echo)
    click.echo(f"export OS_CLIENT_CONFIG_FILE={cloud.clouds_yaml} OS_CLOUD={cloud.name}")


@cloud_group.command("status")
@name_option
@json_option
def status_command(name: str, as_json: bool) -> None:
    """Say how a cloud and each of its services are."""
    status = embedded.status(name)
    if as_json:
        click.echo(json.dumps(attrs.asdict(status), default=str))
        return
    click.echo(f"{status.name}: {status.state}" + (f", release {status.release}" if status.release else ""))
    for one in status.services:
        memory = f"{one.memory_mib:.0f} MiB" if one.memory_mib else ""
        click.echo(f"  {one.name:<10} {one.state:<6} {one.url}  {memory}")


@cloud_group.command("host")
@click.argument("host")
@click.argument("action", type=click.Choice(["stop", "start"]))
@name_option
def host_command(host: str, action: Literal["stop", "start"], name: str) -> None:
    """Stop a compute host, as a power cut would, or start it again with the guests that it had."""
    embedded.compute(name, host, action)


@cloud_group.command("down")
@name_option
def down_command(name: str) -> None:
    """Stop a cloud; a cloud that isn't up is no error."""
    embedded.down(name)
    click.echo(f"{name}: down")

"""``conformance sweep``: nothing that a run created is left behind. Layer 4."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance import ledger
from conformance.client import Client
from conformance.commands.options import (
    cloud_option,
    parse_personas,
    patience_option,
    persona_option,
    usual_personas,
)
from conformance.microversion import SERVICES
from conformance.sweep import Sweeper


def sweep(sweeper: Sweeper, paths: list[Path]) -> list[str]:
    """Remove what the ledgers at ``paths`` have open; what couldn't be removed, in words."""
    left = []
    for path in paths:
        book = ledger.reopen(path)
        left += sweeper.sweep(book)
        book.close()
    return left


@click.command("sweep")
@cloud_option
@persona_option
@patience_option
def sweep_command(cloud: str, personas: tuple[str, ...], patience: float) -> None:
    """Remove what earlier runs against a cloud left behind: what their ledgers know, and nothing else."""
    found = sorted(ledger.folder(cloud).glob("*.jsonl"))
    paths = [path for path in found if not ledger.in_use(path)]
    if len(paths) < len(found):
        click.echo(f"{len(found) - len(paths)} ledgers are left alone: their runs go on", err=True)
    if not paths:
        click.echo("nothing is left behind")
        return
    client = Client({**usual_personas(cloud), **parse_personas(personas)}, patience)
    spans = {service: client.bounds(service) for service in _services(paths)}
    entries = sum(len(ledger.reopen(path).open_since()) for path in paths)
    left = sweep(Sweeper(client, spans), paths)
    click.echo(f"{entries} entries in {len(paths)} ledgers; {len(left)} couldn't be removed")
    for words in left:
        click.echo(f"left behind: {words}", err=True)
    sys.exit(1 if left else 0)


def _services(paths: list[Path]) -> set[str]:
    found = {entry.service for path in paths for entry in ledger.reopen(path).open_since()}
    return found & set(SERVICES)

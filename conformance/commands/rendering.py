"""``conformance gate render``: what CI needs, written from the gates. Layer 4."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from conformance.commands.options import data_option
from conformance.errors import UsageError
from conformance.gate import Gate, find
from conformance.render import devstack, tox, zuul
from conformance.suite import load

output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for the files, such as a checkout; otherwise they are printed.",
)


@click.group("render")
def render_group() -> None:
    """Write what CI needs to build a gate's cloud and to run the gate."""


@render_group.command("zuul")
@click.argument("names", nargs=-1)
@data_option
@output_option
def zuul_command(names: tuple[str, ...], data: Path, output: Path | None) -> None:
    """Write .zuul.yaml and its playbooks for the gates of these NAMES, or for all."""
    gates = load(data.resolve()).gates
    wanted = [_built(gates, name) for name in names] or [gate for gate in gates.values() if gate.jobs]
    _deliver(zuul.rendered(wanted), output)


@render_group.command("devstack")
@click.argument("name")
@click.option("--node", required=True, help="controller, compute1 and so on; compute where it is the only one.")
@data_option
@output_option
def devstack_command(name: str, node: str, data: Path, output: Path | None) -> None:
    """Write the local.conf of one of a gate's nodes."""
    gate = _built(load(data.resolve()).gates, name)
    _deliver({"local.conf": devstack.rendered(gate, node)}, output)


@render_group.command("tox")
@data_option
@output_option
def tox_command(data: Path, output: Path | None) -> None:
    """Write the section of tox.ini that runs the gates; all else in a tox.ini that is there stays."""
    names = list(load(data.resolve()).gates)
    there = output / "tox.ini" if output else None
    if there and there.exists():
        _deliver({"tox.ini": tox.renewed(there.read_text(encoding="utf-8"), names)}, output)
    else:
        _deliver({"tox.ini": tox.rendered(names)}, output)


def _built(gates: Mapping[str, Gate], name: str) -> Gate:
    gate = find(gates, name)
    if not gate.jobs:
        raise UsageError(f"the gate {name} doesn't say what CI builds", gate.source, "Give it nodes and ci.")
    return gate


def _deliver(texts: Mapping[str, str], output: Path | None) -> None:
    """Write the files into a folder, or print them, each below its path if there are several."""
    for path, text in texts.items():
        if output:
            (output / path).parent.mkdir(parents=True, exist_ok=True)
            (output / path).write_text(text, encoding="utf-8")
            click.echo(f"{output / path}", err=True)
        else:
            click.echo(f"# {path}\n{text}" if len(texts) > 1 else text, nl=len(texts) > 1)

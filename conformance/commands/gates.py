"""``conformance gate``: what gates there are, whether a cloud has what they need, and their run. Layer 4."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import attrs
import click

from conformance.client import Client
from conformance.commands.gating import table
from conformance.commands.options import (
    cloud_option,
    data_option,
    json_option,
    lines,
    parse_personas,
    persona_option,
    usual_personas,
)
from conformance.commands.rendering import render_group
from conformance.commands.running import run_command
from conformance.gate import find
from conformance.probe import offered, probe
from conformance.suite import load


@click.group("gate")
def gate_group() -> None:
    """Clouds of several nodes: what they must have, and what is proven on them."""


gate_group.add_command(render_group)


@gate_group.command("list")
@data_option
@json_option
def list_command(data: Path, as_json: bool) -> None:
    """List the gates, a line each."""
    gates = load(data.resolve()).gates.values()
    if as_json:
        lines({"name": gate.name, "summary": gate.summary, "needs": gate.needs} for gate in gates)
        return
    for gate in gates:
        click.echo(f"{gate.name:<20} {gate.summary}")


@gate_group.command("show")
@click.argument("name")
@data_option
@json_option
def show_command(name: str, data: Path, as_json: bool) -> None:
    """Say what a gate needs, which stories it runs and what they prove."""
    suite = load(data.resolve())
    gate = find(suite.gates, name)
    stories = {story.id: story.summary for story in suite.library.stories if gate.has(story)}
    needs = {need: suite.library.needs[need].what for need in gate.needs}
    evidence = {one.name: one.what for one in gate.evidence}
    if as_json:
        told = {"name": name, "summary": gate.summary, "needs": needs, "stories": stories, "evidence": evidence}
        nodes = {role.name: {"count": role.count, "services": role.services} for role in gate.nodes}
        command = attrs.asdict(gate.command) if gate.command else None
        click.echo(json.dumps({**told, "nodes": nodes, "command": command}))
        return
    click.echo(f"{name}: {gate.summary}")
    if gate.command:
        click.echo(f"\ncommand, in the tree of {gate.command.project}:\n  {shlex.join(gate.command.run)}")
    for title, entries in (("needs", needs), ("stories", stories), ("evidence", evidence)):
        if not entries:
            continue
        click.echo(f"\n{title}:")
        for key, words in entries.items():
            click.echo(f"  {key:<34} {words}")


@gate_group.command("check")
@click.argument("name")
@cloud_option
@persona_option
@data_option
@json_option
def check_command(name: str, cloud: str, personas: tuple[str, ...], data: Path, as_json: bool) -> None:
    """Look for all that a gate needs in a cloud; exit 3 if one thing is missing."""
    suite = load(data.resolve())
    gate = find(suite.gates, name)
    client = Client({**usual_personas(cloud), **parse_personas(personas)})
    client.persona("admin").token()
    bounds = {service: span for service in suite.services if (span := offered(client, service))}
    probed = probe(client, [suite.library.needs[need] for need in gate.wishes], bounds)
    if as_json:
        lines({"need": one.need.name, "found": one.found, "lacking": one.lacking} for one in probed)
    else:
        click.echo("\n".join(table(probed, gate)))
    sys.exit(3 if any(one.lacking and one.need.name in gate.needs for one in probed) else 0)


@gate_group.command("run", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("name")
@click.pass_context
def run_gate_command(context: click.Context, name: str) -> None:
    """Run a gate: its stories on a cloud that has what it needs. All options of 'conformance run' may follow."""
    run_command.main(["--gate", name, *context.args], prog_name="conformance run", standalone_mode=False)

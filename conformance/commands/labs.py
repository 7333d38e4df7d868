"""``conformance lab``: several real hosts on this machine, where the control plane alone is not enough. Layer 4."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import attrs
import click

from conformance import lab
from conformance.commands.options import data_option, json_option, parse_sources, release_option, source_option
from conformance.commands.stopping import stoppable
from conformance.gate import Gate
from conformance.suite import load

name_option = click.option("--name", default="lab", show_default=True, help="Several labs can live side by side.")
words = click.argument("words", nargs=-1, type=click.UNPROCESSED)
PASSING = {"ignore_unknown_options": True}
UNUSABLE = 3


@click.group("lab")
def lab_group() -> None:
    """Boot a cloud of several hosts on this machine: hypervisors, networks and storage are real. Needs root."""


@lab_group.command("check")
@data_option
@json_option
def check_command(data: Path, as_json: bool) -> None:
    """Say what this machine lacks for a lab, and which gate loses which evidence on one."""
    facts = [*lab.check(), *map(_of_gate, load(data.resolve()).gates.values())]
    for fact in facts:
        if as_json:
            click.echo(json.dumps({**attrs.asdict(fact), "state": fact.state}))
            continue
        click.echo(f"  {fact.state:<8} {fact.name:<24} {fact.lacking}".rstrip())
        if fact.lacking:
            click.echo(f"           {fact.costs}. {fact.remedy}".rstrip())
    if any(fact.state == "missing" for fact in facts):
        sys.exit(UNUSABLE)


def _of_gate(gate: Gate) -> lab.Fact:
    """What a lab has of what a gate needs, and what can't be shown without the rest."""
    meets = lab.fitting(gate.needs, gate.wishes).meets
    lacking = [need for need in gate.wishes if need not in meets]
    lost = [one.name for one in gate.evidence if set(one.needs) - meets]
    costs = "It can't run there" if set(gate.needs) - meets else f"Not taken there: {', '.join(lost)}"
    return lab.Fact(f"gate {gate.name}", False, f"no lab has {', '.join(lacking)}" if lacking else "", costs)


@lab_group.command("up")
@name_option
@click.option("--computes", default=2, show_default=True, help="How many hosts have guests.")
@click.option(
    "--network",
    type=click.Choice(list(lab.PROFILES)),
    default=lab.USUAL,
    show_default=True,
    help="What guests are on: OVN, or ML2/OVS with routers that are distributed by neutron's agents.",
)
@source_option
@release_option
def up_command(name: str, computes: int, network: str, sources: tuple[str, ...], release: str | None) -> None:
    """Boot a lab: a controller and some computes."""
    checkouts = parse_sources(sources)
    with stoppable():
        booted = lab.up(name, computes=computes, release=release, sources=checkouts, network=network, say=click.echo)
    click.echo(f"{booted.name} is up; on its network, with its {booted.clouds_yaml.name}, a command runs by")
    click.echo(f"  conformance lab exec --name {booted.name} -- COMMAND")


@lab_group.command("status")
@name_option
@json_option
def status_command(name: str, as_json: bool) -> None:
    """Say how a lab and each of its hosts are."""
    status = lab.status(name)
    if as_json:
        click.echo(json.dumps({**attrs.asdict(status), "memory_mib": status.memory_mib}, default=str))
        return
    memory = f", release {status.release}, {status.memory_mib} MiB" if status.release else ""
    click.echo(f"{status.name}: {status.state}{memory}")
    for host in status.hosts:
        click.echo(f"  {host.name:<12} {host.state:<9} {host.address:<12} {host.memory_mib} MiB")
        for task, state in host.tasks.items():
            if state != "ready":
                click.echo(f"    {task}: {state}")


@lab_group.command("down")
@name_option
def down_command(name: str) -> None:
    """End a lab and remove all of it; a lab that isn't up is no error."""
    lab.down(name)
    click.echo(f"{name}: down")


@lab_group.command("shell", context_settings=PASSING)
@click.argument("host")
@words
@name_option
def shell_command(host: str, words: tuple[str, ...], name: str) -> None:
    """Open a shell on a host, or run the command WORDS there."""
    sys.exit(lab.shell(name, host, words))


@lab_group.command("exec", context_settings=PASSING)
@words
@name_option
def exec_command(words: tuple[str, ...], name: str) -> None:
    """Run a command of this machine's on the lab's network: -- conformance gate run live-migration --cloud lab."""
    sys.exit(lab.execute(name, words))


@lab_group.command("kill")
@click.argument("host")
@name_option
def kill_command(host: str, name: str) -> None:
    """Switch a host off, as a power cut would."""
    lab.kill(name, host)


@lab_group.command("stop", hidden=True)
@click.argument("host")
@name_option
def stop_command(host: str, name: str) -> None:
    """Switch a host off: what clouds.yaml calls it."""
    lab.kill(name, host)


@lab_group.command("start")
@click.argument("host")
@name_option
def start_command(host: str, name: str) -> None:
    """Switch a host on again, with the disk that it had."""
    lab.start(name, host, say=click.echo)


@lab_group.command("guest")
@click.argument("action", type=click.Choice(["look", "watch"]))
@click.argument("address")
@name_option
def guest_command(action: str, address: str, name: str) -> None:
    """Look at a guest by its floating IP, or watch it until the input ends: what clouds.yaml calls."""
    sys.exit(lab.look_at(name, action, address))

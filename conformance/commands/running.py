"""``conformance run``: test a cloud, one that is there or one that is booted for it. Layer 4."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from conformance.commands import intree
from conformance.commands.booting import booted
from conformance.commands.gating import gate_of, gate_option, require, services_of, slow_option, tree_option
from conformance.commands.options import (
    chosen,
    cloud_option,
    data_option,
    database_option,
    every_option,
    known_option,
    lenient_option,
    negatives_option,
    parse_sources,
    patience_option,
    persona_option,
    release_option,
    service_option,
    shard_option,
    source_option,
    span_option,
)
from conformance.commands.performing import perform
from conformance.commands.publishing import Backstage, publish_options, publishing
from conformance.commands.settling import Wishes, chosen_cases, settle
from conformance.commands.stopping import stoppable
from conformance.errors import UsageError
from conformance.gate import Gate
from conformance.intree import Command
from conformance.probe import probe
from conformance.report import results
from conformance.settings import Settings
from conformance.shard import Shard
from conformance.suite import Suite, load


@click.command("run")
@click.argument("cases", nargs=-1)
@cloud_option
@persona_option
@data_option
@service_option
@span_option
@every_option
@negatives_option
@shard_option
@patience_option
@known_option
@lenient_option
@click.option("--results", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where to put the results.")
@click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was exchanged as an HTTP archive (HAR), without secrets; 'conformance check --har' judges it.",
)
@click.option(
    "--subunit",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results as a subunit stream too, for stestr and its kin.",
)
@click.option("--rerun-failed", type=click.Path(path_type=Path, exists=True), help="Only what didn't pass in that run.")
@click.option("--workers", type=click.IntRange(min=1), default=4, show_default=True, help="Stories at once.")
@click.option("--pytest", "options", multiple=True, metavar="OPTION", help="Hand an option to pytest: --pytest=-x.")
@gate_option
@slow_option
@tree_option
@click.option(
    "--embedded",
    "boot",
    is_flag=True,
    help="Where no cloud is named: boot real services on this machine, test them, stop them.",
)
@click.option(
    "--lab",
    is_flag=True,
    help="Where no cloud is named: boot real hosts on this machine, test them, end them. Needs root.",
)
@click.option("--name", default="", help="Several clouds can live side by side.  [default: embedded, or lab]")
@source_option
@release_option
@database_option
@click.option("--stay", is_flag=True, help="Leave what was booted up afterwards.")
@publish_options
def run_command(**given: Any) -> None:
    """Test a cloud: all cases, or those that match CASES, such as 'compute/server::*@2.26'."""
    wishes = Wishes(**{**given, "name": given["name"] or ("lab" if given["lab"] else "embedded")})
    with stoppable(), publishing(wishes) as backstage:
        sys.exit(_run(wishes, backstage))


def _run(wishes: Wishes, backstage: Backstage) -> int:
    """The exit code of a run."""
    shard = Shard.parse(wishes.shard) if wishes.shard else None
    suite = load(wishes.data.resolve())
    gate = gate_of(suite, wishes.gate)
    if gate and gate.command:
        return run_tests(wishes, backstage, suite, gate, gate.command)
    if wishes.tree:
        raise UsageError("--tree is for a gate with a command", remedy="Name one with --gate, or leave it out.")
    patterns = [*wishes.cases, *_failed(wishes.rerun_failed)]
    told = wishes.services or services_of(suite, wishes.gate) or _services_told(patterns, suite)
    names = chosen(suite.services, told)
    with booted(wishes, names, gate) as entry:
        settings = settle(wishes, suite, names, entry)
        backstage.look(settings)
        return perform(chosen_cases(settings, suite, patterns, shard), wishes.workers, wishes.options)


def _services_told(patterns: Sequence[str], suite: Suite) -> tuple[str, ...]:
    """The services that patterns of cases begin with; none where one may be of any."""
    told = {pattern.partition("/")[0] for pattern in patterns}
    return tuple(told) if told <= suite.services.keys() else ()


def run_tests(wishes: Wishes, backstage: Backstage, suite: Suite, gate: Gate, command: Command) -> int:
    """Run a gate's command; its exit code. UsageError for what is said of stories."""
    odd = [name for name, default in _OF_STORIES.items() if getattr(wishes, name) != default]
    if odd:
        where = f"gate {gate.name}"
        raise UsageError(f"it runs a command, of which {', '.join(odd)} says nothing", where, "Leave that out.")
    tree = wishes.tree or parse_sources(wishes.sources).get(command.project)
    bench = intree.bench(command.project, tree, wishes.release, click.echo)
    if wishes.lab:  # its network doesn't lead to where the tests' own needs come from
        with bench as there, booted(wishes, list(suite.services), gate) as entry:
            return intree.perform(_beside(wishes, backstage, suite, gate, entry), gate, command, there)
    with booted(wishes, list(suite.services), gate) as entry:
        settings = _beside(wishes, backstage, suite, gate, entry)
        with bench as there:
            return intree.perform(settings, gate, command, there)


def _beside(wishes: Wishes, backstage: Backstage, suite: Suite, gate: Gate, entry: str) -> Settings:
    """The settings of a command beside a cloud, which has all that the gate needs."""
    if not entry:
        raise UsageError("a command needs a cloud by its name", f"gate {gate.name}", "Name an entry with --cloud.")
    settings = settle(wishes, suite, (), entry)
    backstage.look(settings)
    probed = probe(settings.client(), [suite.library.needs[name] for name in gate.wishes], settings.bounds)
    require(gate, probed)
    return attrs.evolve(settings, missing={one.need.name: one.reason for one in probed if one.lacking})


_OF_STORIES = {
    "cases": (),
    "services": (),
    "spans": (),
    "every": False,
    "negatives": False,
    "known_files": (),
    "lenient": False,
    "rerun_failed": None,
    "options": (),
    "record": None,
    "shard": None,
    "slow": None,
}


def _failed(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    failed = [one["id"] for one in results.read(folder) if one["outcome"] != "passed"]
    if not failed:
        raise UsageError("everything passed there", str(folder), "There is nothing to run again.")
    return failed

"""What a run has to do with gates: which stories they run, and what the cloud must have for them. Layer 4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from conformance.errors import CloudError
from conformance.gate import Gate, find
from conformance.probe import Probed
from conformance.suite import Suite

gate_option = click.option("--gate", default="", metavar="NAME", help="Only the stories of a gate, with what it needs.")
tree_option = click.option(
    "--tree",
    metavar="PATH",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="For a gate with a command: the project's tree, in place of the source of the release.",
)
slow_option = click.option(
    "--slow", type=click.FloatRange(min=1), help="Waits of stories may take so many times as long [1, or the gate's]."
)


def gate_of(suite: Suite, name: str) -> Gate | None:
    """The gate of that name, if one is named; UsageError if there is none."""
    return find(suite.gates, name) if name else None


def services_of(suite: Suite, name: str) -> tuple[str, ...]:
    """The services of a gate's stories; none if no gate is named."""
    gate = gate_of(suite, name)
    return tuple({story.service for story in suite.library.stories if gate and gate.has(story)})


def require(gate: Gate, probed: Iterable[Probed]) -> None:
    """CloudError with a table if the cloud lacks one of a gate's needs."""
    lacking = [one for one in probed if one.lacking and one.need.name in gate.needs]
    if lacking:
        rows = "\n".join(table(lacking, gate))
        remedy = f"'conformance gate check {gate.name}' looks again."
        raise CloudError(f"the cloud lacks what the gate needs:\n{rows}", f"gate {gate.name}", remedy)


def table(probed: Iterable[Probed], gate: Gate) -> Iterator[str]:
    """A line a need: whether it is met, what was found, and how to get it where it isn't."""
    for one in probed:
        state = "met" if not one.lacking else "missing" if one.need.name in gate.needs else "absent"
        yield f"  {state:<8} {one.need.name:<20} {', '.join(one.found) or one.lacking}"
        if one.lacking:
            yield f"           {one.need.what} {one.need.how}"

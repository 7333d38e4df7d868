"""The default run against a bare replay of the same requests at the same concurrency: what all the rest costs.

    python tests/benchmarks/bench_run.py CLOUD [CASES...]

The replay drives the same conversations with a plain client: nothing is judged, compared, written to a ledger or
reported, and there is no pytest. Both poll and clean up alike. The goal is a ratio of 1.15 at most.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from conformance import settings as settings_module
from conformance import verdict
from conformance.__main__ import main
from conformance.ledger import Ledger
from conformance.plan import Performance
from conformance.settings import Settings

WORKERS = 2


class Forgetful(Ledger):
    """Knows what to remove, and writes nothing down."""

    def _write(self, record: object) -> None:
        """Leave the disk alone."""


def asked(settings: Settings) -> list[Performance]:
    """The performances that have a wanted case."""
    return [each for each in settings.plan(settings.suite()) if any(case.id in settings.wanted for case in each)]


def replay(settings: Settings, stories: multiprocessing.Queue[str | None], number: int) -> None:
    """One worker: perform story after story, and look at nothing that comes back."""
    setattr(verdict, "judge", lambda *_: [])  # noqa: B010  (mypy knows no other way to replace what a module imported)
    setattr(verdict, "compare", lambda *_: [])  # noqa: B010
    ledger = Forgetful(Path("never-written"))
    stage = attrs.evolve(settings.stage(settings.suite(), f"bench-{number}"), ledger=ledger)
    performances = asked(settings)
    while name := stories.get():
        own = [each for each in performances if each.story.id == name]
        reason = stage.enter(own[0].story)
        for performance in own:
            for _ in stage.perform(performance, settings.wanted, reason):
                pass
        stage.exit(own[0].story)
    stage.clear(0)


def bare(settings: Settings) -> float:
    """The seconds that the replay takes."""
    performances = asked(settings)
    sizes: dict[str, int] = {}
    for performance in performances:
        sizes[performance.story.id] = sizes.get(performance.story.id, 0) + len(list(performance))
    stories: multiprocessing.Queue[str | None] = multiprocessing.Queue()
    for name in [*sorted(sizes, key=lambda one: -sizes[one]), *([None] * WORKERS)]:
        stories.put(name)
    begun = time.perf_counter()
    workers = [multiprocessing.Process(target=replay, args=(settings, stories, number)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - begun


def whole(cloud: str, cases: Sequence[str], folder: Path) -> float:
    """The seconds that ``conformance run`` takes, from its start to its summary."""
    begun = time.perf_counter()
    try:
        main(["run", "--cloud", cloud, "--results", str(folder), "--workers", str(WORKERS), *cases])
    except SystemExit as end:
        if end.code != 0:
            raise RuntimeError(f"the run ended with {end.code}") from None
    return time.perf_counter() - begun


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as results:
        run = whole(sys.argv[1], sys.argv[2:], Path(results))
        plain = bare(settings_module.read(Path(results) / "settings.json"))
    print(f"run {run:.1f} s, bare replay {plain:.1f} s, ratio {run / plain:.2f}")

"""How long it takes to load all histories, and to plan with the command from start to end.

Run it as ``python -m pytest tests/benchmarks/bench_load.py -s``.
"""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

from conformance.suite import histories
from tests.helpers import REPOSITORY


def seconds_to_load() -> float:
    """The time to read and fold all deltas, and every call at each of its turning points."""
    begun = perf_counter()
    for documents in histories(REPOSITORY).values():
        for call in documents.calls:
            documents.turning_points(call)
    return perf_counter() - begun


def seconds_to_plan() -> float:
    """The time of ``conformance plan`` as a process of its own."""
    begun = perf_counter()
    command = [sys.executable, "-m", "conformance", "plan", "--json"]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def test_loading() -> None:
    """All histories, the best of three."""
    print(f"\nall histories: {min(seconds_to_load() for _ in range(3)):.2f} s (goal below 0.5)")


def test_planning() -> None:
    """The command, the best of three."""
    print(f"\nconformance plan: {min(seconds_to_plan() for _ in range(3)):.2f} s (goal below 2)")

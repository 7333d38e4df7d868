"""Every JSON sample that nova publishes beside its API reference is what the history says, or a list says why not."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.api_samples import Published, departures, table, unpack
from tests.helpers import real

SOURCE = os.environ.get("NOVA_SDIST", "")
if not SOURCE:
    reason = "NOVA_SDIST names no source distribution of nova; 'tox -e samples' fetches it and sets it"
    pytest.skip(reason, allow_module_level=True)

COMPUTE = real().services["compute"]
PUBLISHED = Published(unpack(Path(SOURCE)), COMPUTE.calls)


def listed(path: str) -> set[str]:
    """The departures of a sample that our list explains."""
    return {one for entry in table("departures") if path in entry["samples"] for one in entry["departures"]}


@pytest.mark.parametrize("path", PUBLISHED.samples)
def test_a_sample_conforms(path: str) -> None:
    """A sample, of an answer or of a request, departs from the history in what is listed, and in nothing else."""
    assert departures(PUBLISHED.samples[path], PUBLISHED, COMPUTE) == listed(path)


def test_there_are_samples() -> None:
    """The source distribution has samples in plenty, and the reference shows most of them beside their call."""
    shown = [sample for sample in PUBLISHED.samples.values() if PUBLISHED.shown.get(sample.subject)]
    assert len(PUBLISHED.samples) > 700
    assert len(shown) > len(PUBLISHED.samples) * 0.8


def test_every_listed_sample_is_there() -> None:
    """The list speaks of no sample that nova doesn't publish, and of none twice."""
    told = [path for entry in table("departures") for path in entry["samples"]]
    assert set(told) - PUBLISHED.samples.keys() == set()
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("pattern", table("calls"))
def test_a_row_of_the_table_is_needed(pattern: str) -> None:
    """A row about calls speaks of a sample of which the reference doesn't say as much."""
    found = [one for one in PUBLISHED.samples.values() if fnmatchcase(one.path, pattern)]
    assert any(PUBLISHED.shown.get(one.subject) != {table("calls")[pattern]} for one in found)

"""Workers spread over the services."""

from __future__ import annotations

import pytest

from conformance.scheduling import best

SERVICES = {"compute/server": "compute", "hosts": "compute", "volume/volume": "volume", "placement/root": "placement"}
SIZES = {"compute/server": 8, "hosts": 4, "volume/volume": 7, "placement/root": 3}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], "compute/server"),
        (["compute/server"], "volume/volume"),
        (["compute/server", "volume/volume"], "placement/root"),
        (["compute/server", "volume/volume", "placement/root"], "hosts"),
        (["volume/volume", "volume/volume"], "compute/server"),
    ],
    ids=["first", "second", "third", "fourth", "uneven"],
)
def test_most_is_left_for_whom_least_is_done(given: list[str], wanted: str) -> None:
    """The service that has the most cases left for each worker that asks it is next, and of its scopes the largest."""
    waiting = {scope: range(size) for scope, size in SIZES.items() if scope not in given}
    assert best(waiting, given, SERVICES) == wanted

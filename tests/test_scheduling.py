"""Workers spread over the services."""

from __future__ import annotations

import pytest

from conformance.scheduling import best

SERVICES = {"compute/server": "compute", "hosts": "compute", "volume/volume": "volume", "placement/root": "placement"}
SIZES = {"compute/server": 8, "hosts": 9, "volume/volume": 3, "placement/root": 2}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], "hosts"),
        (["hosts"], "volume/volume"),
        (["hosts", "volume/volume"], "placement/root"),
        (["hosts", "volume/volume", "placement/root"], "compute/server"),
        (["volume/volume", "volume/volume", "compute/server"], "placement/root"),
    ],
    ids=["first", "second", "third", "fourth", "uneven"],
)
def test_who_has_least_to_do_is_asked_next(given: list[str], wanted: str) -> None:
    """The service that the fewest workers ask is next, and of its scopes the one that has the most cases."""
    waiting = {scope: range(size) for scope, size in SIZES.items() if scope not in given}
    assert best(waiting, given, SERVICES) == wanted

"""Workers spread over the services."""

from __future__ import annotations

import pytest

from conformance.scheduling import best

SERVICES = {"compute/server": "compute", "hosts": "compute", "volume/volume": "volume", "placement/root": "placement"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], "compute/server"),
        (["compute/server"], "volume/volume"),
        (["compute/server", "volume/volume"], "placement/root"),
        (["compute/server", "volume/volume", "placement/root"], "hosts"),
        (["volume/volume", "volume/volume", "compute/server"], "placement/root"),
    ],
    ids=["first", "second", "third", "fourth", "uneven"],
)
def test_who_has_least_to_do_is_asked_next(given: list[str], wanted: str) -> None:
    """The service that the fewest workers ask is next, and of its scopes the one that stands first."""
    assert best([scope for scope in SERVICES if scope not in given], given, SERVICES) == wanted

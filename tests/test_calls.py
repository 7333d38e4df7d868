"""Which call a request makes."""

from __future__ import annotations

import pytest

from conformance.calls import find_call

CALLS = (
    "GET /servers",
    "GET /servers/detail",
    "GET /servers/{server}",
    "POST /servers/{server}/action os-stop",
    "GET /servers/{server}/tags/{tag}",
    "GET /",
)


@pytest.mark.parametrize(
    ("method", "path", "action", "call"),
    [
        ("GET", "/servers", "", "GET /servers"),
        ("GET", "/servers?name=a", "", "GET /servers"),
        ("GET", "/servers/", "", "GET /servers"),
        ("GET", "/servers/detail", "", "GET /servers/detail"),
        ("GET", "/servers/$server", "", "GET /servers/{server}"),
        ("GET", "/servers/a/tags/b", "", "GET /servers/{server}/tags/{tag}"),
        ("POST", "/servers/a/action", "os-stop", "POST /servers/{server}/action os-stop"),
        ("POST", "/servers/a/action", "os-stop@2.2", "POST /servers/{server}/action os-stop"),
        ("POST", "/servers/a/action", "os-start", ""),
        ("DELETE", "/servers", "", ""),
        ("GET", "/", "", "GET /"),
    ],
)
def test_find_call(method: str, path: str, action: str, call: str) -> None:
    """Of the calls that fit, the one with the most literal segments is meant; an action is told by its key."""
    assert find_call(CALLS, method, path, action) == call

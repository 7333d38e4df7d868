"""Which call a request makes."""

from __future__ import annotations

import pytest

from conformance.calls import alike, find_call

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
        ("POST", "/servers/a/action", "", ""),
        ("POST", "/servers/a.b/(c)", "os-stop", ""),
        ("DELETE", "/servers", "", ""),
        ("GET", "/", "", "GET /"),
    ],
)
def test_find_call(method: str, path: str, action: str, call: str) -> None:
    """Of the calls that fit, the one with the most literal segments is meant; an action is told by its key."""
    assert find_call(CALLS, method, path, action) == call


def test_an_action_among_hundreds() -> None:
    """However many actions a path has, only the one of that key is looked at."""
    calls = tuple(f"POST /servers/{{server}}/action act-{number}" for number in range(300))
    assert find_call(calls, "POST", "/servers/a/action", "act-7") == calls[7]
    assert [call for call, _ in alike(calls, "POST", 4, "act-7")] == [calls[7]]

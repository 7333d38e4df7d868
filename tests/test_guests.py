"""A hand on guests: the user's own command looks at one, or watches it for as long as it is told to."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.exchange import Request, Response
from conformance.guests import Guests

METER = """
import json, sys
action, server, address = sys.argv[1:]
if action == "watch":
    print("watching", flush=True)
    sys.stdin.read()
print(json.dumps({"action": action, "server": server, "address": address}))
"""
GUEST = "/f7c3/172.24.4.9"


def hand(script: str, patience: float = 60.0) -> Guests:
    """A hand whose command is a script of Python's."""
    words = [sys.executable, "-c", script, "{action}", "{server}", "{address}"]
    return Guests({"command": shlex.join(words)}, patience)


def ask(guests: Guests, method: str, path: str) -> Response:
    """An answer."""
    return guests.send(Request("guests", method, path))


def test_a_look() -> None:
    """The command is told the server and its address, and what it prints is the answer."""
    response = ask(hand(METER), "GET", GUEST)
    assert (response.status, response.data) == (200, {"action": "look", "server": "f7c3", "address": "172.24.4.9"})


def test_a_watch() -> None:
    """It begins when the command says so, goes on until it is ended, and answers once."""
    guests = hand(METER)
    assert ask(guests, "PUT", f"{GUEST}/watch").status == 204
    assert ask(guests, "PUT", f"{GUEST}/watch").status == 409
    assert ask(guests, "DELETE", f"{GUEST}/watch").data["action"] == "watch"
    assert ask(guests, "DELETE", f"{GUEST}/watch").status == 404


@pytest.mark.parametrize(
    ("script", "patience", "words"),
    [
        ("raise SystemExit('no such guest')", 60, "no such guest"),
        ("print('all is well')", 60, "no JSON object: all is well"),
        ("print('[]')", 60, "no JSON object"),
        ("import time; time.sleep(60)", 0.5, "did not end within 0.5 s"),
    ],
)
def test_a_command_that_fails(script: str, patience: float, words: str) -> None:
    """Whatever is wrong with a command is told, and nothing waits for ever."""
    response = ask(hand(script, patience), "GET", GUEST)
    assert response.status == 500
    assert words in response.data["error"]


def test_a_watch_that_never_begins() -> None:
    """One that says nothing is ended, and is no watch."""
    guests = hand("import time; time.sleep(60)", 0.5)
    assert ask(guests, "PUT", f"{GUEST}/watch").status == 500
    assert ask(guests, "DELETE", f"{GUEST}/watch").status == 404


def test_no_watch_outlives_the_run(tmp_path: Path) -> None:
    """When the run is killed, its watches end by themselves."""
    over = tmp_path / "over"
    meter = f"import sys; print('watching', flush=True); sys.stdin.read(); open({str(over)!r}, 'w')"
    child = os.fork()
    if not child:
        ask(hand(meter), "PUT", f"{GUEST}/watch")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    deadline = time.monotonic() + 20
    while not over.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert over.exists()


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", GUEST), ("GET", f"{GUEST}/watch"), ("GET", "/a b/172.24.4.9"), ("GET", "/f7c3")]
)
def test_what_nobody_can_do(method: str, path: str) -> None:
    """What is neither a look nor a watch isn't there."""
    assert ask(hand(METER), method, path).status == 404


def test_without_a_command() -> None:
    """Nobody looks at guests then, and what is said of them is empty, as needs are looked for."""
    assert ask(Guests(), "GET", GUEST).status == 404
    assert ask(Guests(), "GET", "/").data == {"command": "", "image": "", "network": "", "wire": False}


def test_what_makes_no_sense() -> None:
    """What can't be said of guests, and a command that can't be run, are refused with their place."""
    with pytest.raises(UsageError, match=r"clouds\.yaml"):
        Guests({"picture": "guest"})
    with pytest.raises(UsageError, match=r"clouds\.yaml"):
        ask(Guests({"command": "/no/such/meter"}), "GET", GUEST)

"""A hand on the hosts: the user's own command, spoken to as a service."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.client import Client
from conformance.errors import UsageError
from conformance.exchange import Request
from conformance.hosts import BOOT_SECONDS, Hosts
from tests.helpers import put


def asked(command: str, method: str = "PUT", path: str = "/host1/stopped", patience: float = 20.0) -> tuple[int, str]:
    """The status and the text of an answer."""
    response = Hosts({"hosts": command}, patience).send(Request("hosts", method, path))
    return response.status, response.text


@pytest.mark.parametrize(("method", "action"), [("PUT", "stop"), ("DELETE", "start")])
def test_the_command_is_run(tmp_path: Path, method: str, action: str) -> None:
    """The host and the action are filled into the command's words."""
    told = tmp_path / "told"
    command = (
        f"{sys.executable} -c \"import sys; open('{told}', 'w').write(' '.join(sys.argv[1:]))\" {{action}} now:{{host}}"
    )

    assert asked(command, method) == (204, "")
    assert told.read_text() == f"{action} now:host1"


def test_what_it_says_when_it_fails() -> None:
    """A command that fails answers 500 with its last words."""
    status, words = asked(f"{sys.executable} -c \"raise SystemExit('no such host')\"")
    assert status == 500
    assert "no such host" in words


@pytest.mark.parametrize("command", ["/no/such/command {host}", f'{sys.executable} -c "import time; time.sleep(60)"'])
def test_a_command_that_never_answers(command: str) -> None:
    """A command that isn't there, or doesn't end in time, is a failure."""
    assert asked(command, patience=0.2)[0] == 500


@pytest.mark.parametrize(
    ("command", "method", "path"),
    [("", "PUT", "/host1/stopped"), ("true", "PUT", "/a b/stopped"), ("true", "POST", "/host1/stopped")],
)
def test_what_nobody_can_do(command: str, method: str, path: str) -> None:
    """Without a command, or for what is no host, there is nothing."""
    assert asked(command, method, path)[0] == 404


def test_a_command_that_makes_no_sense() -> None:
    """A command with an open quote names the place where it stands."""
    with pytest.raises(UsageError, match=r"clouds\.yaml"):
        asked("ssh 'host")


@pytest.mark.parametrize(("disks", "copied"), [("local", True), ("shared", False), ("", False)])
def test_what_is_said_of_hosts(disks: str, copied: bool) -> None:
    """The command and where disks are can be looked for, as any need is; local ones have to be copied."""
    image = {"kernel_id": "k"}
    hosts = Hosts({"hosts": "ssh {host}", "disks": disks, "image": image, "known": ["known.yaml"]})
    said = {"command": "ssh {host}", "disks": disks, "block_migration": copied, "image": image}
    assert hosts.send(Request("hosts", "GET", "/")).data == said


@pytest.mark.parametrize("said", [{}, {"hosts": None, "disks": None, "image": None}])
def test_nothing_is_said_of_hosts(said: dict[str, None]) -> None:
    """It is all empty then, as needs are looked for, even where a key stands without its value."""
    nothing = {"command": "", "disks": "", "block_migration": False, "image": {}}
    assert Hosts(said).send(Request("hosts", "GET", "/")).data == nothing


def test_disks_that_are_neither() -> None:
    """Any other word is refused with the place where it stands, before a host is stopped."""
    with pytest.raises(UsageError, match=r"clouds\.yaml"):
        Hosts({"hosts": "true", "disks": "somewhere"})


def test_a_host_may_take_its_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However impatient one is for answers, a host that is switched on has time to boot."""
    put(tmp_path / "clouds.yaml", "clouds: {one: {auth: {auth_url: http://127.0.0.1:9}, conformance: {hosts: 'true'}}}")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    hand = Client({"admin": "one"}, patience=1.0).persona("admin").hands["hosts"]
    assert isinstance(hand, Hosts)
    assert hand.patience == BOOT_SECONDS

"""A lab that really boots: what it is made of answers, hosts go and come back, and nothing is left behind."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import lab
from conformance.lab import namespaces
from tests.helpers import REPOSITORY
from tests.lab.conftest import traces


@pytest.fixture(scope="module")
def booted() -> Iterator[lab.Lab]:
    """A lab for the tests of this module."""
    yield lab.up("proof", say=print)
    lab.down("proof")


def test_every_host_is_up(booted: lab.Lab) -> None:
    """The controller and both computes have all their tasks ready, within the memory that was promised."""
    status = lab.status(booted.name)
    assert (status.state, [host.state for host in status.hosts]) == ("up", ["up"] * 3)
    assert 0 < status.memory_mib < 8192


def test_a_second_boot_changes_nothing(booted: lab.Lab) -> None:
    """To boot a lab that runs is to be given it."""
    before = namespaces.inhabitants(booted.folder)
    assert lab.up(booted.name) == booted
    assert namespaces.inhabitants(booted.folder) == before


def test_the_machine_s_own_network_shows_nothing(booted: lab.Lab) -> None:
    """Bridges and cables are in the lab's own network alone, and mounts in its own namespace."""
    assert all(trace.startswith("process") for trace in traces(booted.folder))


def test_a_host_loses_power_and_comes_back(booted: lab.Lab) -> None:
    """A host that is killed is off with all that ran on it, and on again it has the disk that it had."""
    assert lab.shell(booted.name, "compute2", ["touch", "/root/kept"]) == 0
    lab.kill(booted.name, "compute2")
    assert lab.status(booted.name).hosts[2].state == "down"
    lab.start(booted.name, "compute2")
    assert lab.status(booted.name).hosts[2].state == "up"
    assert lab.shell(booted.name, "compute2", ["test", "-e", "/root/kept"]) == 0


def test_every_persona_gets_a_token(booted: lab.Lab) -> None:
    """Each entry of the lab's clouds.yaml opens keystone, on the lab's network."""
    code = """import sys, openstack
for name in sys.argv[1:]: openstack.connect(cloud=name).authorize()"""
    assert lab.execute(booted.name, [sys.executable, "-c", code, *booted.entries]) == 0


def test_check_and_status_speak_json(booted: lab.Lab) -> None:
    """Both can be read by machines."""
    for command in (["check"], ["status", "--name", booted.name]):
        words = [sys.executable, "-m", "conformance", "lab", *command, "--json"]
        done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
        assert all(json.loads(line) for line in done.stdout.splitlines())


def test_this_process_can_be_on_the_lab_s_network(booted: lab.Lab) -> None:
    """Within, the lab's addresses answer; afterwards the machine's own network is back."""
    before = Path("/proc/thread-self/net/dev").read_text().count(":")
    with lab.on_network(booted.name):
        socket.create_connection(("10.77.0.10", 5000), timeout=10).close()
        assert Path("/proc/thread-self/net/dev").read_text().count(":") != before
    assert Path("/proc/thread-self/net/dev").read_text().count(":") == before


def test_a_gate_runs_on_a_lab_that_is_up(booted: lab.Lab, tmp_path: Path) -> None:
    """What a lab shows of a run is left in its results, without a password, and the lab stays as it was."""
    words = ["gate", "run", "live-migration", "--lab", "--name", booted.name, "--results", str(tmp_path)]
    story = "compute/live-migration-check::*"
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *words, story], cwd=REPOSITORY, timeout=300, check=False
    )
    assert done.returncode == 0
    kept = {str(path.relative_to(tmp_path / "logs")) for path in (tmp_path / "logs").rglob("*") if path.is_file()}
    assert {"controller/nova-api.log", "controller/ovn-sb.txt", "compute1/nova-compute.log"} <= kept
    assert any(name.endswith("-started.xml") for name in kept)
    secrets = lab.belongings(booted.name).secrets
    texts = [(tmp_path / "logs" / name).read_text() for name in kept]
    assert not any(secret in text for secret in secrets for text in texts)
    assert lab.status(booted.name).state == "up"

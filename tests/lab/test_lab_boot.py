"""A lab that really boots: what it is made of answers, hosts go and come back, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import lab
from conformance.lab import namespaces
from conformance.lab.places import lab_folder
from tests.helpers import REPOSITORY

LACKING = [f"{fact.name}: {fact.lacking}" for fact in lab.check() if fact.state == "missing"]
pytestmark = [pytest.mark.lab, pytest.mark.skipif(bool(LACKING), reason=f"no lab here: {'; '.join(LACKING)}")]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where labs are; CONFORMANCE_TEST_HOME keeps trees and templates from one test run to the next."""
    kept = Path(os.environ.get("CONFORMANCE_TEST_HOME") or tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_HOME", str(kept))
        yield kept


@pytest.fixture(scope="module")
def booted() -> Iterator[lab.Lab]:
    """A lab for the tests of this module."""
    yield lab.up("proof", say=print)
    lab.down("proof")


def traces(folder: Path) -> list[str]:
    """What a machine shows of a lab: processes, mounts, interfaces, loop devices."""
    found = [f"process {pid}" for pid, _ in namespaces.belonging(folder)]
    found += [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]
    found += [name for name in os.listdir("/sys/class/net") if name.startswith(("management", "tunnel", "external"))]
    backing = Path("/sys/block").glob("loop*/loop/backing_file")
    return found + [file.read_text() for file in backing if str(folder) in file.read_text()]


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


def test_nothing_is_left_of_a_lab_whose_launcher_was_killed(home: Path) -> None:
    """Wherever a boot is interrupted for good, taking the lab down leaves no process, mount, interface or file."""
    folder = lab_folder("broken")
    for seconds in (1, 4, 12):
        command = [sys.executable, "-m", "conformance", "lab", "up", "--name", "broken"]
        launcher = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, env={**os.environ})
        time.sleep(seconds)
        launcher.send_signal(signal.SIGKILL)
        launcher.wait(10)
        lab.down("broken")
        assert traces(folder) == []
        assert not folder.exists()


def test_check_and_status_speak_json(booted: lab.Lab) -> None:
    """Both can be read by machines."""
    for command in (["check"], ["status", "--name", booted.name]):
        words = [sys.executable, "-m", "conformance", "lab", *command, "--json"]
        done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
        assert all(json.loads(line) for line in done.stdout.splitlines())

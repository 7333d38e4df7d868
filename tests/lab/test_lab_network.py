"""A lab on which neutron's own agents make the network: it boots, comes back and goes as any other does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import lab
from conformance.errors import UsageError
from tests.helpers import REPOSITORY
from tests.lab.conftest import traces

NAME = "agents"
CONFORMANCE = [sys.executable, "-m", "conformance"]


@pytest.fixture(scope="module")
def booted() -> Iterator[lab.Lab]:
    """A lab for the tests of this module, of which nothing is left afterwards."""
    there = lab.up(NAME, network="ovs", say=print)
    yield there
    lab.down(NAME)
    assert traces(there.folder) == []


def test_it_has_what_the_gate_needs(booted: lab.Lab) -> None:
    """All needs of the gate dvr are met, within the memory that was promised."""
    assert lab.execute(booted.name, [*CONFORMANCE, "gate", "check", "dvr", "--cloud", NAME]) == 0
    assert 0 < lab.status(NAME).memory_mib < 8192


def test_another_network_takes_another_lab(booted: lab.Lab) -> None:
    """A lab that runs is not taken for one with the usual network."""
    with pytest.raises(UsageError) as caught:
        lab.up(booted.name)
    assert caught.value.what == "the lab runs with other settings"


def test_a_host_comes_back_with_its_agents(booted: lab.Lab) -> None:
    """A compute that lost its power has its agents again, and the gate finds all that it needs."""
    lab.kill(booted.name, "compute2")
    lab.start(booted.name, "compute2")
    assert lab.status(booted.name).hosts[2].state == "up"
    assert lab.execute(booted.name, [*CONFORMANCE, "gate", "check", "dvr", "--cloud", NAME]) == 0


def test_the_gate_runs_on_it(booted: lab.Lab, tmp_path: Path) -> None:
    """The gate finds a lab with the network that fits, and what each host tells of it is left in the results."""
    words = [
        "gate",
        "run",
        "dvr",
        "--lab",
        "--name",
        booted.name,
        "--results",
        str(tmp_path),
        "compute/dvr-segments::*",
    ]
    done = subprocess.run([*CONFORMANCE, *words], cwd=REPOSITORY, timeout=400, check=False)
    assert done.returncode == 0
    for host in lab.status(booted.name).hosts:
        kept = tmp_path / "logs" / host.name
        assert {"neutron-l3-agent.log", "namespaces.txt", "flows-br-int.txt"} <= {path.name for path in kept.iterdir()}

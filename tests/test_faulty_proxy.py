"""The proxy that puts faults before real services is honest where no fault is."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import yaml

from tests.conftest import Cloud
from tests.faulty_proxy import Fault, before, in_turn, meanwhile
from tests.wrong_server import put


def answers(url: str, times: int = 1) -> list[str]:
    """The name of the first version that the service says it has, each time."""
    return [httpx.get(f"{url}/compute/", trust_env=False).json()["versions"][0]["id"] for _ in range(times)]


def test_without_a_fault_nothing_changes(cloud: Cloud, tmp_path: Path) -> None:
    """A run through the proxy finds what a run without it does, and what was asked passed through it."""
    with before(tmp_path / "clouds.yaml", cloud.folder, compute=[]) as proxies:
        ended = cloud.run()

    assert ended.code == 0, ended.out
    assert "GET /compute/" in proxies["compute"].asked
    assert any(line.startswith("POST /compute/v2.1/servers") for line in proxies["compute"].asked)


def test_only_chosen_answers_are_spoiled(cloud: Cloud, tmp_path: Path) -> None:
    """A fault is found by the case that asks the spoiled call, and by no other."""
    fault = Fault("GET", r"/servers/[^/]+/tags$", put("/tags", [1]))
    with before(tmp_path / "clouds.yaml", cloud.folder, compute=[fault]):
        ended = cloud.run()

    assert ended.code == 1
    assert {case.partition("@")[0] for case in cloud.outcomes("failed")} == {"compute/tags::list"}


def test_a_fault_of_several_answers(cloud: Cloud, tmp_path: Path) -> None:
    """Values come one an answer, then the truth; what is to be done meanwhile is done once."""
    done: list[str] = []
    faults = [Fault("GET", "/compute/", in_turn("/versions/0/id", "one", "two"))]
    faults += [Fault("GET", "/compute/", meanwhile(lambda: done.append("done")))]
    with before(tmp_path / "clouds.yaml", cloud.folder, compute=faults) as proxies:
        assert answers(proxies["compute"].url, 3) == ["one", "two", "v2.1"]

    assert done == ["done"]


def test_all_personas_are_led_through_it(cloud: Cloud, tmp_path: Path) -> None:
    """Each entry has the override, and the variable is as it was after the block."""
    outside = os.environ["OS_CLIENT_CONFIG_FILE"]
    with before(tmp_path / "clouds.yaml", tmp_path, compute=[]) as proxies:
        entries = yaml.safe_load(Path(os.environ["OS_CLIENT_CONFIG_FILE"]).read_text())["clouds"]
    assert {one["compute_endpoint_override"] for one in entries.values()} == {f"{proxies['compute'].url}/compute/v2.1"}
    assert os.environ["OS_CLIENT_CONFIG_FILE"] == outside

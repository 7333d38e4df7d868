"""Needs: what a cloud may lack is looked for, and what to do about it is told."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import DataError
from conformance.needs import Need, load
from tests.conftest import Cloud
from tests.helpers import REPOSITORY, documents, library, put, real, response
from tests.wrong_server import TINY

HOSTS = Need("two", "Two hosts.", "Start them.", "compute", "/os-services", "services[?state=='up'].host", 2)


def hosts(*states: str) -> dict[str, Any]:
    """A list of services, each on a host of its own."""
    return {"services": [{"host": f"host{number}", "state": state} for number, state in enumerate(states)]}


@pytest.mark.parametrize(
    ("data", "found", "lacking"),
    [
        (hosts("up", "down", "up"), ("host0", "host2"), ""),
        (hosts("up", "down"), ("host0",), "found host0, 2 needed"),
        ({"services": [{"host": "one", "state": "up"}] * 2}, ("one",), "found one, 2 needed"),
        ({"services": None}, (), "found nothing, 2 needed"),
        ([], (), "found nothing, 2 needed"),
    ],
)
def test_found(data: Any, found: tuple[str, ...], lacking: str) -> None:
    """Different things are counted, each once."""
    assert HOSTS.found(response(data)) == found
    assert HOSTS.lacking(found) == lacking


def test_an_answer_that_is_none() -> None:
    """What isn't the answer looked for shows nothing, whatever is in it."""
    assert HOSTS.found(response(hosts("up", "up"), status=500)) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {what: A., how: B., probe: {service: compute, GET: /, finds: '[?'}}", "no JMESPath"),
        ("a: {what: A, how: B., probe: {service: compute, GET: /, finds: a}}", "full stop"),
        ("a: {what: A., how: B.}", "probe"),
    ],
)
def test_bad_data(tmp_path: Path, text: str, words: str) -> None:
    """A need that makes no sense is refused with its place."""
    with pytest.raises(DataError, match=words):
        load(put(tmp_path / "needs.yaml", text))


def test_a_need_that_nobody_knows(tmp_path: Path) -> None:
    """A story that needs something unknown is refused."""
    two = documents(tmp_path, "calls: {GET /things: {status: 200}}")
    with pytest.raises(DataError, match="unknown need 'moon'"):
        library(tmp_path, two, one="needs: [moon]\nsteps: {list: {GET: /things}}")


def test_every_need_is_somebodys() -> None:
    """No need of ours is an orphan."""
    needed = {need for story in real().library.stories for need in story.needs}
    wished = {need for gate in real().gates.values() for need in gate.wishes}
    assert needed | wished == real().library.needs.keys()


@pytest.fixture
def needy(tmp_path: Path) -> Path:
    """Data whose story of a server needs a hand on the hosts."""
    data = tmp_path / "needy"
    shutil.copytree(TINY, data)
    shutil.copy(REPOSITORY / "scenarios/needs.yaml", data / "scenarios")
    story = data / "scenarios/compute/server.yaml"
    story.write_text(f"needs: [host-control]\n{story.read_text()}")
    return data


def test_a_story_whose_need_is_missing(cloud: Cloud, needy: Path) -> None:
    """It is skipped, and the summary tells why and what to do."""
    ended = cloud.run("--data", needy)
    skipped = [one["reason"] for name, one in cloud.records().items() if name.startswith("compute/server::")]

    assert ended.code == 0
    assert set(skipped) == {one["reason"] for one in cloud.records().values() if one["outcome"] == "skipped"}
    assert all("needs host-control: found nothing" in reason for reason in skipped)
    assert "Say how in the cloud's entry of clouds.yaml" in ended.out


def test_a_story_whose_need_is_met(cloud: Cloud, needy: Path) -> None:
    """It is performed."""
    cloud.configure(conformance={"hosts": "true {host} {action}"})

    assert cloud.run("--data", needy).code == 0
    assert {one["outcome"] for one in cloud.records().values()} == {"passed"}

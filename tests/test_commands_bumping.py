"""``conformance bump`` against a cloud that tells nothing of itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.conftest import Cloud, command
from tests.wrong_server import TINY


@pytest.fixture
def data(surroundings: Path) -> Path:
    """A copy of the tiny data that ends with 2.2."""
    folder = surroundings / "data"
    shutil.copytree(TINY, folder)
    for version in ("2.3", "2.4"):
        (folder / "schemas" / "compute" / f"{version}.yaml").unlink()
    (folder / "scenarios" / "compute" / "tags.yaml").unlink()
    (folder / "scenarios" / "compute" / "pages.yaml").unlink(missing_ok=True)
    return folder


def bump(data: Path, *arguments: str) -> tuple[int, str, str]:
    """The command on compute, as it ended."""
    ended = command("bump", "compute", *arguments, "--cloud", "tiny", "--data", str(data), "--workers", "1")
    return ended.code, ended.out, ended.err


def test_a_delta_is_drafted(cloud: Cloud, data: Path) -> None:
    """What a cloud shows of a microversion that nobody wrote down becomes its file, and the data load with it."""
    code, out, _ = bump(data, "2.3")
    file = data / "schemas" / "compute" / "2.3.yaml"
    assert (code, f"drafted {file}" in out) == (0, True)
    assert yaml.safe_load(file.read_text())["change"] == {"server": {"add": {"tags": ["any"]}}}
    assert "empty in every body" in file.read_text()
    assert command("schema", "lint", "--data", str(data)).code == 0


def test_it_tells_what_changed(cloud: Cloud, data: Path) -> None:
    """In words, as a diff, and what it could not see."""
    _, out, _ = bump(data, "2.3")
    assert "GET /servers/{server}\n  + answer /server/tags: array" in out
    assert '+    "tags": []' in out
    assert "could not see:" in out
    assert "which calls begin" in out


def test_it_overwrites_nothing(cloud: Cloud, data: Path) -> None:
    """A file that is there stays as it is: the draft is shown, and how far both say the same."""
    file = data / "schemas" / "compute" / "2.2.yaml"
    before = file.read_text()
    code, out, _ = bump(data, "2.2")
    assert (code, file.read_text()) == (0, before)
    assert f"{file} is there already" in out
    assert "of 2 lines of 2.2.yaml the draft has 1 right, 0 right but for bounds, 0 wrong, 1 not seen" in out
    assert "not seen: change / server_wanted / allow / description" in out


def test_it_writes_where_it_is_told(cloud: Cloud, data: Path, tmp_path: Path) -> None:
    """But not over what is there."""
    file = tmp_path / "draft.yaml"
    assert bump(data, "2.3", "--output", str(file))[0] == 0
    assert not (data / "schemas" / "compute" / "2.3.yaml").exists()
    code, _, err = bump(data, "2.3", "--output", str(file))
    assert (code, "overwrites nothing" in err) == (2, True)


def test_it_tells_machines(cloud: Cloud, data: Path) -> None:
    """One JSON object, and nothing is written."""
    code, out, _ = bump(data, "2.3", "--json")
    told = json.loads(out)
    assert (code, told["delta"]["change"]["server"]["add"]) == (0, {"tags": ["any"]})
    assert told["observed"][0]["calls"] == ["GET /servers/{server}"]
    assert not (data / "schemas" / "compute" / "2.3.yaml").exists()


def test_what_it_made_is_gone_afterwards(cloud: Cloud, data: Path) -> None:
    """As after any run."""
    bump(data, "2.3")
    assert cloud.server.servers == {}
    assert cloud.ledgers() == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("2.4",), 2, "nothing is known of compute just below 2.4"),
        (("2.1",), 2, "nothing is known of compute just below 2.1"),
        (("2.x",), 2, "not a microversion"),
        (("2.3", "--prove"), 2, "no delta of compute 2.3 to prove"),
    ],
)
def test_what_can_not_be_is_refused(
    cloud: Cloud, data: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """With what to do instead."""
    ended, _, err = bump(data, *arguments)
    assert (ended, words in err) == (code, True)


def test_a_cloud_that_does_not_speak_it_is_named(cloud: Cloud) -> None:
    """Nothing can be observed of what isn't there."""
    ended = command("bump", "compute", "2.5", "--cloud", "tiny", "--data", str(TINY))
    assert (ended.code, "compute has 2.1..2.4 there, and not 2.5" in ended.err) == (3, True)


def prove(*arguments: str) -> tuple[int, str]:
    """What ``--prove`` ends with, and the verdict."""
    ended = command(
        "bump", "compute", "2.3", "--prove", *arguments, "--cloud", "tiny", "--data", str(TINY), "--workers", "1"
    )
    return ended.code, ended.out[ended.out.find("compute 2.3 is") :]


def test_what_holds_is_proved(cloud: Cloud) -> None:
    """With what it declares, what was seen, and that nothing older moved."""
    code, verdict = prove()
    assert (code, verdict.splitlines()[0]) == (0, "compute 2.3 is proved")
    assert "GET /servers/{server}: + answer /server/tags" in verdict
    assert "4 of 4 shown on both sides" in verdict
    assert "nothing older" in verdict
    assert len(verdict.splitlines()) < 24


def test_an_older_one_that_moved_is_named(cloud: Cloud) -> None:
    """A key that is shown too early, and where."""
    cloud.server.spoil("early")
    code, verdict = prove()
    assert (code, verdict.splitlines()[0]) == (1, "compute 2.3 is NOT PROVED")
    assert "moved       GET /servers/{server} @2.1 at /server/description: unexpected" in verdict
    assert "shown too early" in " ".join(verdict.split())

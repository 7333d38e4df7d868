"""An invented 2.105 of the real nova: observed, drafted and proved; and found out where it moves an older one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
import yaml

from conformance import embedded
from tests.conftest import command
from tests.embedded import invented
from tests.helpers import REPOSITORY

pytestmark = pytest.mark.cloud

NAME = "raised"
CASES = (
    "compute/server-list::*",
    "compute/server-lock::*",
    "compute/server-tags::*",
    "compute/server-update::*",
    "compute/begins-*",
)


@attrs.frozen
class Developer:
    """Somebody with a checkout, and the data beside it."""

    checkout: Path
    data: Path
    results: Path

    def bump(self, *arguments: str) -> tuple[int, str]:
        """``conformance bump`` with the checkout, which is booted for it and stopped again."""
        where = ("--source", f"nova={self.checkout}", "--name", NAME, "--data", str(self.data))
        ended = command("bump", "compute", "2.105", *CASES, *where, *arguments)
        return ended.code, ended.out + ended.err

    def prove(self) -> tuple[int, str]:
        """The exit code, and the verdict on one line."""
        code, out = self.bump("--prove", "--results", str(self.results))
        return code, " ".join(out[out.find("compute 2.105 is") :].split())


@pytest.fixture(scope="module")
def developer(warm_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    """A copy of the released nova raised to 2.105, and a copy of our data, which end with 2.104."""
    folder = tmp_path_factory.mktemp("developer")
    for part in ("schemas", "scenarios", "gates"):
        shutil.copytree(REPOSITORY / part, folder / part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_HOME", str(warm_home))
        for name in ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE"):
            patch.delenv(name, raising=False)
        checkout = invented.checkout(warm_home / "nova-raised")  # where it was before: its databases are made once
        invented.raise_to_2_105(checkout)
        yield Developer(checkout, folder, folder / "results")
        embedded.down(NAME)


@pytest.fixture(autouse=True)
def home(warm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that booting tests share."""
    monkeypatch.setenv("CONFORMANCE_HOME", str(warm_home))
    return warm_home


def test_it_is_drafted(developer: Developer) -> None:
    """The field at the shape that all answers with a whole server have, and the call, with a story that shows it."""
    code, out = developer.bump()
    file = developer.data / "schemas" / "compute" / "2.105.yaml"
    assert (code, f"drafted {file}" in out) == (0, True), out
    drafted = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert drafted["summary"] == "A server tells its mood wherever it is shown whole."
    assert drafted["change"] == {"server": {"add": {"mood": {"enum": ["calm", "sour"]}}}}
    assert drafted["calls"] == {
        "GET /servers/{server}/advice": {"status": 200, "query": "no_query", "body": {"advice": "string"}}
    }
    story = developer.data / "scenarios" / "compute" / "begins-at-2-105.yaml"
    assert yaml.safe_load(story.read_text(encoding="utf-8"))["steps"] == {
        "list-advice": {"GET": "/servers/$server/advice"}
    }


def test_it_is_proved(developer: Developer) -> None:
    """Both sides of every boundary, every read beside its neighbour, and nothing older moved."""
    code, verdict = developer.prove()
    assert (code, verdict[:24]) == (0, "compute 2.105 is proved "), verdict
    assert "GET /servers/{server}/advice: begins" in verdict
    assert "moved nothing older" in verdict


def test_a_field_that_leaks_below_is_found_out(developer: Developer) -> None:
    """At 2.104 already: the verdict names it."""
    invented.leak_below(developer.checkout)
    code, verdict = developer.prove()
    assert (code, verdict[:28]) == (1, "compute 2.105 is NOT PROVED "), verdict
    assert "@2.104 at /server/mood: unexpected" in verdict
    assert "shown too early" in verdict


def test_an_older_answer_that_changed_is_found_out(developer: Developer) -> None:
    """At microversions that have nothing to do with it: the verdict names the call and all of them."""
    invented.checkout(developer.checkout)
    invented.raise_to_2_105(developer.checkout)
    invented.change_an_older_one(developer.checkout)
    code, verdict = developer.prove()
    assert (code, verdict[:28]) == (1, "compute 2.105 is NOT PROVED "), verdict
    assert "GET /servers/{server}/tags @2.26 to 2.104 at /count: unexpected" in verdict

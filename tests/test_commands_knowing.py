"""``conformance known`` and ``run --known``: from a run's findings to a file of what is known of the cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud, Ended, command
from tests.wrong_server import TINY

SHOWN = "compute/server::show@2.3"
REASON = "This cloud has no tags yet."


def drafted(cloud: Cloud, *arguments: object) -> Ended:
    """``conformance known draft`` of the last run."""
    return command("known", "draft", cloud.results, "--data", TINY, *arguments)


@pytest.fixture
def known(cloud: Cloud) -> Path:
    """A draft from a run in which a key came late, with its reason written."""
    cloud.server.spoil("late")
    cloud.run()
    path = cloud.folder / "known.yaml"
    path.write_text(drafted(cloud).out.replace("TODO", REASON), encoding="utf-8")
    return path


def summary(cloud: Cloud) -> dict[str, Any]:
    """summary.json of the last run."""
    return dict(json.loads((cloud.results / "summary.json").read_text(encoding="utf-8")))


def test_a_draft_with_reasons_excuses_the_run(cloud: Cloud, known: Path) -> None:
    """What the draft says is known in the next run, which conforms and tells the reason."""
    ended = cloud.run("--known", known)

    assert (ended.code, cloud.outcomes("known")) == (0, {SHOWN})
    assert f"known departure (1 cases): {REASON}" in ended.out
    assert (summary(cloud)["unseen"], summary(cloud)["expired"]) == ([], [])


def test_a_draft_is_refused_until_its_reasons_are_written(cloud: Cloud) -> None:
    """A run doesn't take a TODO for a reason, and says where it stands."""
    cloud.server.spoil("late")
    cloud.run()
    path = cloud.folder / "known.yaml"
    path.write_text(drafted(cloud).out, encoding="utf-8")

    ended = cloud.run("--known", path)

    assert ended.code == 2
    assert f"{path}: 0/reason: 'TODO' is too short\n  A reason is a sentence or more" in ended.err


def test_what_is_not_seen_any_more(cloud: Cloud, known: Path) -> None:
    """A departure that the cloud has mended is told on the terminal and in summary.json."""
    cloud.server.fault = None

    ended = cloud.run("--known", known)

    title = "compute GET /servers/{server} @2.3: missing at /server/tags"
    assert f"known departure not seen any more: {REASON} ({title})" in ended.out
    (one,) = summary(cloud)["unseen"]
    assert (ended.code, one["call"], one["span"]) == (0, "GET /servers/{server}", "2.3..2.3")


def test_what_has_expired(cloud: Cloud, known: Path) -> None:
    """After its last day a departure fails the run, which says that it was known."""
    known.write_text(f"{known.read_text(encoding='utf-8')}  expires: 2020-01-31\n", encoding="utf-8")

    ended = cloud.run("--known", known)

    assert (ended.code, cloud.outcomes("failed")) == (1, {SHOWN})
    assert "known departure that has expired, and is no excuse any more: This cloud" in ended.out
    assert "until 2020-01-31" in ended.out
    assert [one["expires"] for one in summary(cloud)["expired"]] == ["2020-01-31"]


def test_what_was_not_asked_is_not_told(cloud: Cloud, known: Path) -> None:
    """A run of other cases says nothing of a departure that it can't have seen."""
    ended = cloud.run("compute/versions::*", "--known", known)

    assert "known departure" not in ended.out


def test_nothing_to_write_down(cloud: Cloud, known: Path) -> None:
    """A draft of what is known already has no entry, and that is said."""
    ended = drafted(cloud, "--known", known)

    assert (ended.code, ended.out) == (2, "")
    assert "nothing departs there that isn't known" in ended.err


def test_a_draft_counts_what_it_has(cloud: Cloud) -> None:
    """Beside the draft stands how many entries it has, and what wasn't reached, which may depart as well."""
    cloud.server.spoil("quota")
    cloud.run()

    ended = drafted(cloud)

    assert ended.err == (
        "1 departures: write the reason of each.\n3 cases were not reached, and may depart as well once they are.\n"
    )

"""The page as a file: packed, closed to the network, and deaf to markup in what a cloud said."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from conformance.report.model import model
from conformance.report.page import SCRIPTS, page, verdict
from conformance.report.past import read
from conformance.suite import load
from tests.helpers import REPOSITORY
from tests.runs import failed, leave
from tests.wrong_server import TINY

SHOWN = "compute/server::show@2.3"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
WEB = REPOSITORY / "conformance" / "report" / "web"


def written(folder: Path) -> str:
    """The page of a run."""
    suite = load(TINY)
    return page(model(read([folder], suite), None, suite, TINY))


def unpacked(text: str, name: str) -> list[Any]:
    """What the page has packed under a name."""
    (packed,) = re.findall(rf'<script type="application/octet-stream" id="pack-{name}">(.*?)</script>', text, re.DOTALL)
    return [json.loads(zlib.decompress(base64.b64decode(line))) for line in packed.splitlines()]


def test_the_page_holds_the_model(tmp_path: Path) -> None:
    """Everything that the page shows is packed in it, and comes out as it went in."""
    folder, suite = leave(tmp_path / "run", {SHOWN: failed()}), load(TINY)
    whole = json.loads(json.dumps(model(read([folder], suite), None, suite, TINY)))

    text = page(whole)

    assert {name: unpacked(text, name) for name in whole} == whole


def test_hostile_answers(tmp_path: Path) -> None:
    """Markup in an answer, a finding, a reason or the name of the cloud never stands in the page as markup."""
    outcomes = {
        SHOWN: failed(seen=HOSTILE),
        "compute/versions::list@2.1": {"outcome": "not-reached", "reason": HOSTILE},
    }
    text = written(leave(tmp_path / "run", outcomes, said=HOSTILE, cloud=HOSTILE))

    assert "alert(1)" in json.dumps(unpacked(text, "exchanges"))
    assert "<script>alert" not in text
    assert "<img" not in text
    assert text.count("<script") == len(re.findall(r'<script type="(application/octet-stream|module)"', text)) == 6


def test_nothing_is_asked_of_the_network(tmp_path: Path) -> None:
    """The page names no address of another file, and its policy lets nothing but its own style and script act."""
    text = written(leave(tmp_path / "run"))
    shell = re.sub(r'<script type="application/octet-stream".*?</script>', "", text, flags=re.DOTALL)

    assert re.findall(r"""(?:src|href)=["'](?!#|data:,)""", shell) == []
    assert set(re.findall(r"https?://[^\s\"']+", shell)) == {"http://www.w3.org/2000/svg"}  # a name, not an address
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    for name, content in (("style", "style"), ("script", 'script type="module"')):
        (inner,) = re.findall(rf"<{content}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_every_script_is_in_the_page() -> None:
    """The scripts of the page are the files in its folder, and none of them ends a script by chance."""
    assert {path.stem for path in WEB.glob("*.js")} == set(SCRIPTS)
    assert not [path.name for path in WEB.glob("*.js") if "</script" in path.read_text(encoding="utf-8")]


def test_a_page_is_stable(tmp_path: Path) -> None:
    """Two pages of one run are the same, octet for octet."""
    folder = leave(tmp_path / "run")

    assert written(folder) == written(folder)


@pytest.mark.parametrize(
    ("outcomes", "ran", "told"),
    [
        ({"passed": 1200}, 1200, "1,200 cases as promised"),
        ({"passed": 9, "known": 3}, 12, "9 cases as promised, 3 known departures"),
        ({"passed": 9, "failed": 1}, 10, "1 finding in 1 case"),
        ({"passed": 9, "failed": 2, "not-run": 5}, 11, "1 finding in 2 cases, and 5 did not run"),
        ({"passed": 9, "not-reached": 1}, 9, "1 of 10 cases did not run"),
        ({}, 0, "Nothing ran"),
    ],
)
def test_the_verdict(outcomes: dict[str, int], ran: int, told: str) -> None:
    """The head of the page says in a line what the run came to, the gravest first."""
    every = dict.fromkeys(("passed", "failed", "known", "not-reached", "not-run"), 0) | outcomes
    facts = {"outcomes": every, "findings": 1, "ran": ran, "planned": sum(outcomes.values())}

    assert verdict(facts) == told

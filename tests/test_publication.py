"""``run --publish``: the folder that a third party's CI shows, whole however the run ends, and without a secret."""

from __future__ import annotations

import gzip
import json
import re
import signal
import sys
from html import unescape
from pathlib import Path

import pytest
import yaml

from tests.conftest import Cloud, Ended
from tests.test_report_page import unpacked
from tests.wrong_server import ADMIN_PASS, PASSWORD, SHOW, USER_DATA, Fault, for_present, put

PLANTED = (PASSWORD, ADMIN_PASS, USER_DATA, "planted-chap-secret", "planted-token", "planted-in-words")
URL = "https://logs.example.org/7/"
OWN = {
    "console.txt",
    "environment.txt",
    "junit.xml",
    "report.html",
    "result.txt",
    "results.jsonl",
    "skipped.txt",
    "summary.json",
    "testr_results.html.gz",
    "testrepository.subunit",
    "trace.har",
    "trace.txt",
}


def text(cloud: Cloud, name: str) -> str:
    """A file that was published."""
    return (cloud.folder / "public" / name).read_text(encoding="utf-8")


def publish(cloud: Cloud, *arguments: object) -> Ended:
    """A run that is published."""
    return cloud.run("--publish", cloud.folder / "public", "--publish-url", URL, *arguments)


def test_all_that_others_want_to_see(cloud: Cloud) -> None:
    """Each piece is there and in the index, and the last line is the one for the comment."""
    ended = publish(cloud)

    names = {str(path.relative_to(cloud.folder / "public")) for path in (cloud.folder / "public").rglob("*.*")}
    assert names == OWN | {"configuration/clouds.yaml", "index.html"}
    assert set(map(unescape, re.findall(r'href="([^"]+)"', text(cloud, "index.html")))) == names - {"index.html"}
    count = len(cloud.records())
    line = f"* conformance {URL} : SUCCESS {count} passed; {count} of {count} planned cases ran"
    assert (ended.code, ended.out.splitlines()[-1], text(cloud, "result.txt")) == (0, line, f"{line}\n")
    assert f"{count} passed" in text(cloud, "console.txt")
    assert text(cloud, "skipped.txt") == "nothing: each planned case ran\n"


def test_each_test_is_on_the_page_of_tests(cloud: Cloud) -> None:
    """The page that log servers know names each case."""
    publish(cloud)

    page = gzip.decompress((cloud.folder / "public/testr_results.html.gz").read_bytes()).decode()
    assert [name for name in cloud.records() if name.partition("::")[2] not in page] == []


def test_the_trace(cloud: Cloud) -> None:
    """Each exchange is a line: when in UTC, its status, how long it took, what was asked and for which case."""
    publish(cloud)

    lines = text(cloud, "trace.txt").splitlines()
    assert len(lines) == len(json.loads(text(cloud, "trace.har"))["log"]["entries"])
    [shown] = [line for line in lines if line.endswith(" compute 2.3 compute/server::show@2.3")]
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 200 +\d+ ms GET http://127\.0\.0\.1:\d+/compute/", shown)


def test_the_environment(cloud: Cloud) -> None:
    """It tells the time in UTC, the command, what the cloud offers, and what is installed."""
    publish(cloud)

    told = text(cloud, "environment.txt")
    assert re.search(r"^begun +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", told, re.MULTILINE)
    assert re.search(r"^compute +offers 2\.1\.\.2\.\d+$", told, re.MULTILINE)
    assert "\npytest==" in told


def test_what_was_not_reached(cloud: Cloud) -> None:
    """A run that fails is a failure, and each case that wasn't reached stands below the reason."""
    cloud.server.spoil("quota")

    ended = publish(cloud)

    missed = cloud.outcomes("not-reached")
    assert (ended.code, f"{URL} : FAILURE " in ended.out) == (1, True)
    reason, *cases = text(cloud, "skipped.txt").strip().splitlines()
    assert {line.strip() for line in cases} == missed
    assert reason.startswith("step 'create': ")
    assert reason.endswith(f" ({len(missed)} cases)")


@pytest.mark.parametrize("fault", ["leaky", "create-status", "spoken"])
def test_no_secret_is_published(cloud: Cloud, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks like a secret is in no file, nor is one that is known and stands where none would be expected."""
    spoken = Fault(SHOW, (2, 3), for_present(put("/server/status", f"as {PASSWORD} said")))
    cloud.server.fault = spoken if fault == "spoken" else None
    if fault != "spoken":
        cloud.server.spoil(fault)
    monkeypatch.setattr(sys, "argv", ["conformance", "run", "--token=planted-in-words", PASSWORD])

    publish(cloud)

    files = [path for path in (cloud.folder / "public").rglob("*") if path.is_file()]
    texts = {path.name: _readable(path) for path in files}
    assert {(name, one) for name, said in texts.items() for one in PLANTED if one in said} == set()
    assert yaml.safe_load(texts["clouds.yaml"])["clouds"]["tiny"]["auth"]["password"] == "***"


def _readable(path: Path) -> str:
    """A file with all that is packed in it."""
    octets = path.read_bytes()
    said = (gzip.decompress(octets) if path.suffix == ".gz" else octets).decode("utf-8", "replace")
    packed = [str(unpacked(said, name)) for name in ("run", "exchanges")] if path.name == "report.html" else []
    return "".join([said, *packed])


def test_a_run_that_is_interrupted(cloud: Cloud) -> None:
    """What there is until then is published, and what never ran is listed."""
    cloud.server.spoil("hung-show")
    run = cloud.start("--publish", cloud.folder / "public")
    assert cloud.server.reached.wait(120)
    run.send_signal(signal.SIGTERM)

    told, _ = run.communicate(timeout=120)

    assert run.returncode == 143
    assert re.search(r"^\* conformance file:///\S+/public : FAILURE \d+ passed", told, re.MULTILINE)
    assert "the run ended before them (" in text(cloud, "skipped.txt")


def test_a_cloud_that_is_not_there(cloud: Cloud) -> None:
    """A run that never began is a failure too, with the error; results of an earlier run aren't its own."""
    cloud.run()
    ended = cloud.run("--cloud", "nowhere", "--publish", cloud.folder / "public")

    assert (ended.code, (cloud.folder / "public/results.jsonl").exists()) == (3, False)
    assert " : FAILURE error: cloud nowhere: " in text(cloud, "result.txt")
    assert "error: cloud nowhere: " in text(cloud, "console.txt")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--publish-name", "two words"], "has a space in it"),
        (["--publish", "taken"], "isn't empty"),
        (["--publish", "taken/notes.txt/public"], "can't be written"),
    ],
    ids=["name", "taken", "file"],
)
def test_a_folder_or_name_that_will_not_do(cloud: Cloud, options: list[str], words: str) -> None:
    """The run doesn't begin, and nothing is overwritten."""
    (cloud.folder / "taken").mkdir()
    (cloud.folder / "taken/notes.txt").write_text("mine", encoding="utf-8")

    ended = publish(cloud, *options)

    assert (ended.code, words in ended.err) == (2, True)
    assert [path.name for path in (cloud.folder / "taken").iterdir()] == ["notes.txt"]
    assert not cloud.server.log

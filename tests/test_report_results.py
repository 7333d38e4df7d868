"""What a run leaves in its folder: a line a case, a summary, JUnit and Allure, and no secret in any of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance.errors import UsageError
from conformance.exchange import Exchange, Finding, Request, Response
from conformance.report import redaction, results
from tests.conftest import Cloud
from tests.wrong_server import ADMIN_PASS, PASSWORD, SHOW, USER_DATA, Fault, for_present, put

FIELDS = {"id", "service", "call", "microversion", "outcome", "seconds", "findings", "warnings", "reason", "known"}
SHOWN = "compute/server::show@2.3"
SECRET = "planted-chap-secret"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nplanted-key-material\n" + "x" * 500 + "\n-----END RSA PRIVATE KEY-----"


def record(outcome: str = "passed", name: str = "compute/a::b@2.1", **more: Any) -> dict[str, Any]:
    """A line of results.jsonl."""
    plain = {"id": name, "service": "compute", "call": "GET /", "microversion": "2.1", "outcome": outcome}
    return {**plain, "seconds": 0.5, "findings": [], "warnings": [], "reason": "", **more}


def finding(microversion: str = "2.1", **more: str) -> dict[str, str]:
    """A finding in a line of results.jsonl."""
    plain = {"code": "missing", "service": "compute", "call": "GET /", "microversion": microversion}
    return {**plain, "pointer": "/a", "expected": "the key 'a'", "seen": "no such key", "remedy": "Show it.", **more}


def allure(folder: Path) -> dict[str, dict[str, Any]]:
    """Allure's results by the name of their case."""
    paths = (folder / "allure-results").glob("*-result.json")
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    assert len({one["name"] for one in loaded}) == len(loaded)
    return {one["name"]: one for one in loaded}


def everything(folder: Path) -> str:
    """All files below a folder as one text."""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file())


def test_the_fields_of_a_line(cloud: Cloud) -> None:
    """Each case is one line with the fields that other tools read, and no others."""
    cloud.run("compute/server::*")

    records = cloud.records()
    assert {frozenset(one) for one in records.values()} == {frozenset(FIELDS)}
    shown = records["compute/server::show@2.3"]
    assert (shown["service"], shown["call"], shown["microversion"]) == ("compute", SHOW, "2.3")
    assert 0 < shown["seconds"] < 5


def test_the_fields_of_a_finding(cloud: Cloud) -> None:
    """A finding in a line is whole, with its remedy."""
    cloud.server.spoil("late")

    cloud.run(SHOWN)

    (one,) = cloud.records()[SHOWN]["findings"]
    assert Finding(**one).code == "missing"
    assert all(one[name] for name in ("expected", "seen", "remedy"))


def test_the_summary(cloud: Cloud) -> None:
    """The summary counts what was planned and what ran, and tells the share."""
    cloud.server.spoil("quota")

    cloud.run()

    told = json.loads((cloud.results / "summary.json").read_text(encoding="utf-8"))
    planned = len(cloud.records())
    assert told["outcomes"] == {"passed": planned - 4, "failed": 1, "known": 0, "not-reached": 3, "skipped": 0}
    assert (told["planned"], told["ran"]) == (planned, planned - 3)
    assert told["share"] == pytest.approx((planned - 3) / planned, abs=1e-4)
    assert told["left_behind"] == []


def test_junit(cloud: Cloud) -> None:
    """JUnit has a test for each case, under its story's id, and a failure with the finding for the one that failed."""
    cloud.server.spoil("late")

    cloud.run()

    tests = list(ElementTree.parse(cloud.results / "junit.xml").iter("testcase"))
    assert len(tests) == len(cloud.records())
    assert len({(one.get("classname"), one.get("name")) for one in tests}) == len(tests)
    (failed,) = [one for one in tests if one.find("failure") is not None]
    assert failed.get("name") == "show@2.3"
    assert "promised from 2.3 on" in "".join(failed.itertext()) + str(failed.find("failure").attrib)  # type: ignore[union-attr]


def test_each_case_has_a_history_of_its_own_in_allure(cloud: Cloud) -> None:
    """A case is known again by Allure in the next run, and isn't taken for another one."""
    cloud.run()
    first = {name: one["historyId"] for name, one in allure(cloud.results).items()}

    cloud.run("--results", cloud.folder / "again")

    assert first == {name: one["historyId"] for name, one in allure(cloud.folder / "again").items()}
    assert first.keys() == cloud.records().keys()
    assert len(set(first.values())) == len(first)


def test_the_labels_in_allure(cloud: Cloud) -> None:
    """A case can be found in Allure by its service, its call and its microversion."""
    cloud.run(SHOWN)

    labels = {one["name"]: one["value"] for one in allure(cloud.results)[SHOWN]["labels"]}
    assert (labels["service"], labels["call"], labels["microversion"]) == ("compute", SHOW, "2.3")


def test_the_exchange_in_allure(cloud: Cloud) -> None:
    """Request and response hang on the case, with the token hidden."""
    cloud.run(SHOWN)

    attached = [one["source"] for one in allure(cloud.results)[SHOWN]["attachments"]]
    told = "\n".join((cloud.results / "allure-results" / one).read_text(encoding="utf-8") for one in attached)
    assert told.startswith("GET /servers/")
    assert "OpenStack-API-Version: compute 2.3" in told
    assert '"status": "ACTIVE"' in told


@pytest.mark.parametrize("fault", ["", "create-status", "leaky", "quota", "no-location"])
def test_no_secret_is_left(cloud: Cloud, fault: str) -> None:
    """Neither token nor password, neither user data nor a connection's secret is in any file or on the terminal."""
    if fault:
        cloud.server.spoil(fault)

    ended = cloud.run()

    left = everything(cloud.results) + everything(cloud.folder / "home") + ended.out + ended.err
    assert "compute/server::show@2.3" in left
    assert [one for one in (PASSWORD, ADMIN_PASS, USER_DATA, SECRET, "planted-token") if one in left] == []


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/server/user_data", 17),
        ("/server/private_key", KEY),
        ("/server/OS-EXT-SRV-ATTR:user_data", "planted-more-data"),
        ("/server/host", {"connection_info": {"auth_password": SECRET}}),
        ("/server/status", f'{{"adminPass": "{ADMIN_PASS}"}}'),
        ("/server/tags", KEY),
        ("/server/adminPass", "planted-more-data"),
        ("/server/other", json.dumps({"user_data": {"a": "planted-more-data"}})),
    ],
    ids=["type", "key", "extended", "nested", "text", "pem", "bare", "quoted"],
)
def test_no_secret_is_in_a_finding(cloud: Cloud, pointer: str, value: Any) -> None:
    """A finding that shows what was seen doesn't show what only its owner may know."""
    cloud.server.fault = Fault(SHOW, (2, 3), for_present(put(pointer, value)))

    ended = cloud.run(SHOWN)

    left = everything(cloud.results) + ended.out
    planted = ("planted-key-material", "planted-more-data", SECRET, ADMIN_PASS, USER_DATA)
    assert [one for one in planted if one in left] == []


def test_only_what_did_not_pass_is_run_again(cloud: Cloud) -> None:
    """``--rerun-failed`` asks for the cases of an earlier run that failed or weren't reached."""
    cloud.server.spoil("quota")
    cloud.run()
    failed = cloud.outcomes("failed", "not-reached")
    cloud.server.fault = None

    ended = cloud.run("--rerun-failed", cloud.results, "--results", cloud.folder / "again")

    assert ended.code == 0
    assert cloud.records(cloud.folder / "again").keys() == failed


def test_a_rerun_into_the_same_folder(cloud: Cloud) -> None:
    """The results that name what failed may be replaced by those of the rerun."""
    cloud.server.spoil("late")
    cloud.run()
    cloud.server.fault = None

    assert cloud.run("--rerun-failed", cloud.results).code == 0
    assert cloud.records().keys() == {SHOWN}


def test_nothing_to_run_again(cloud: Cloud) -> None:
    """If everything passed, there is nothing to run again, and that is said."""
    cloud.run(SHOWN)

    ended = cloud.run("--rerun-failed", cloud.results)

    assert (ended.code, "everything passed there" in ended.err) == (2, True)


def test_a_case_that_ran_twice(tmp_path: Path) -> None:
    """The last line of a case counts."""
    lines = [json.dumps(record(outcome)) for outcome in ("failed", "passed")]
    (tmp_path / "results.jsonl").write_text("\n".join(lines), encoding="utf-8")

    assert [one["outcome"] for one in results.read(tmp_path)] == ["passed"]


@pytest.mark.parametrize("text", ["?", "[]", "{}", "7"])
def test_what_is_no_results_file(tmp_path: Path, text: str) -> None:
    """A file that has other lines than a run writes is refused by name."""
    (tmp_path / "results.jsonl").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        results.read(tmp_path)

    assert caught.value.where == str(tmp_path / "results.jsonl")


def test_a_folder_without_results(tmp_path: Path) -> None:
    """A folder in which no run has been is refused by name."""
    with pytest.raises(UsageError) as caught:
        results.read(tmp_path)

    assert caught.value.what == "can't read results: No such file or directory"


def test_the_same_finding_is_told_once() -> None:
    """A finding at several microversions is one group, with the versions and the cases."""
    seen = [record("failed", f"compute/a::b@{at}", findings=[finding(at)]) for at in ("2.1", "2.2", "2.10")]
    other = record("failed", "compute/a::c@2.1", findings=[finding(pointer="/b")])

    groups = list(results.grouped([*seen, other]))

    assert [group.microversions for group in groups] == [("2.1", "2.2", "2.10"), ("2.1",)]


def test_the_text_for_a_terminal(tmp_path: Path) -> None:
    """The terminal shows each finding once with its remedy, what wasn't reached and why, and the share that ran."""
    failed = [record("failed", f"compute/a::b@{at}", findings=[finding(at)]) for at in ("2.1", "2.2")]
    records = [*failed, record("not-reached", "compute/a::d@2.1", reason="no server")]

    told = results.text(records, results.summary(records, planned=4), tmp_path)

    assert told.count("remedy    Show it.") == 1
    assert "(seen at 2 microversions, 2.1 to 2.2)" in told
    assert "compute/a::b@2.1 and 1 more" in told
    assert "not reached (1 cases): no server" in told
    assert "2 of 4 planned cases ran (50.0%)" in told


def test_a_summary_of_nothing() -> None:
    """Nothing planned is a share of nothing, and no division by it."""
    assert results.summary([], planned=0)["share"] == 0.0


@pytest.mark.parametrize("key", ["adminPass", "admin_password", "private_key", "user_data", "connection_info", "token"])
def test_a_key_that_tells_of_a_secret(key: str) -> None:
    """What stands below such a key is hidden at any depth; the key stays."""
    assert redaction.data({"a": [{key: {"x": "y"}, "b": 1}]}) == {"a": [{key: redaction.HIDDEN, "b": 1}]}


@pytest.mark.parametrize(
    "value", [{"keypair": {"name": "a"}}, {"os-getVNCConsole": None}, {"password": None}, {"token": {}}]
)
def test_what_is_no_secret(value: Any) -> None:
    """A keypair's name, and an empty value, are shown."""
    assert redaction.data(value) == value


@pytest.mark.parametrize("name", ["X-Auth-Token", "x-subject-token", "X-Service-Token", "Cookie", "Authorization"])
def test_a_header_that_is_a_secret(name: str) -> None:
    """Tokens in headers are hidden, whatever case their names are written in."""
    assert redaction.headers({name: "s", "Vary": "x"}) == {name: redaction.HIDDEN, "Vary": "x"}


def test_a_token_in_a_text() -> None:
    """A Fernet token within a text is hidden where it stands."""
    assert redaction.text(f"token gAAAA{'x' * 40} expired") == f"token {redaction.HIDDEN} expired"


@pytest.mark.parametrize(
    "text",
    [
        '{"adminPass": "s3cret", "id": 1}',
        '{"server": {"adminPass": "s3cre',
        '{"connection_info": {"a": "s3cret"}}',
        '{"said": "{\\"adminPass\\": \\"s3cret\\"}"}',
    ],
)
def test_a_secret_in_json_within_a_text(text: str) -> None:
    """JSON that stands in a text, cut short or not, hides the same keys."""
    assert "s3cre" not in redaction.text(f"status 200: {text}")


def test_a_long_body_is_cut() -> None:
    """A report keeps what one can read, and says that there was more."""
    told = redaction.body(b'"' + b"x" * 100_000 + b'"')

    assert told.endswith("... cut after 65536 characters")


def test_an_answer_that_never_came() -> None:
    """A failure of the network is shown in place of an answer."""
    exchange = Exchange(Request("compute", "GET", "/"), Response(0, failure="ConnectError: refused"))

    assert redaction.response_text(exchange) == "no answer: ConnectError: refused"

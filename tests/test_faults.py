"""Each fault of the wrong server fails the one case that shows it, with code, pointer and remedy, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import attrs
import pytest

from tests.conftest import Cloud
from tests.wrong_server import FAULTS

SHOW = "compute/server::show@2.3"
CREATE = "compute/server::create@2.2"
TURN = "compute/pages::turn@2.3"
AFTER_CREATE = frozenset(f"compute/server::{step}@2.2" for step in ("wait", "delete", "gone"))


@attrs.frozen
class Expected:
    """What must come of a fault: the case that fails, its finding (the last one), and the cases it keeps from us."""

    code: str
    pointer: str = ""
    case: str = SHOW
    remedy: str = ""
    not_reached: Iterable[str] = ()
    beside: Sequence[tuple[str, str]] = ()


EXPECTED = {
    "early": Expected("unexpected", "/server/description", "compute/server::show@2.1", "begins at 2.2"),
    "late": Expected("missing", "/server/tags", remedy="promised from 2.3 on"),
    "missing": Expected("missing", "/server/name", remedy="promised from 2.1 on"),
    "type": Expected("type", "/server/tags", remedy="2.3.yaml"),
    "extra": Expected("unexpected", "/server/cpu", remedy="new microversion"),
    "bad-date-time": Expected("format", "/server/created", remedy="format"),
    "bad-enum": Expected("value", "/server/status", remedy="wider range"),
    "drift": Expected("drift", "/server/host", "compute/server::show@2.4", "No delta above 2.3 up to 2.4"),
    "vanished": Expected("drift", "/server/host", "compute/server::show@2.4", "No delta above 2.3 up to 2.4"),
    "wrong-status": Expected("status", remedy="schema show"),
    "server-error": Expected("server-error", remedy="log"),
    "wrong-version": Expected("version-header", remedy="microversion that was asked for"),
    "no-version": Expected("version-header-missing", remedy="proxy"),
    "wrong-legacy": Expected("version-header", remedy="microversion that was asked for"),
    "no-vary": Expected("vary", remedy="cache"),
    "no-request-id": Expected("request-id", remedy="request id"),
    "content-type": Expected("content-type", remedy="content type"),
    "html": Expected("html", remedy="proxy", beside=[("content-type", "")]),
    "truncated": Expected("no-answer", remedy="log"),
    "not-json": Expected("not-json", remedy="cut short"),
    "redirects": Expected("status", remedy="schema show"),
    "huge": Expected("no-answer", remedy="log"),
    "drip": Expected("no-answer", remedy="log"),
    "hung-up": Expected("no-answer", remedy="log"),
    "leaky": Expected("unexpected", "/server/connection_info", remedy="new microversion"),
    "shapeless-error": Expected(
        "error-type", "/oops", "compute/server::absent@2.3", "type that is promised", beside=[("error-value", "")]
    ),
    "body-unasked": Expected("unexpected-body", "", "compute/tags::add@2.3", remedy="no body"),
    "no-location": Expected("header", "", CREATE, remedy="promises this header"),
    "create-status": Expected("status", "", CREATE, "schema show", AFTER_CREATE),
    "lenient": Expected("status", "", "compute/server::create+description@2.1", remedy="schema show"),
    "quota": Expected("status", "", CREATE, "quota is used up", AFTER_CREATE),
    "page-lost": Expected("pages", "/servers", TURN, "marker"),
    "page-twice": Expected("pages", "/servers", TURN, "marker"),
    "page-strange": Expected("pages", "/servers", TURN, "filters"),
    "page-endless": Expected("pages", "/servers_links", TURN, "marker"),
    "page-elsewhere": Expected("pages", "/servers_links", TURN, "marker"),
    "page-shape": Expected("missing", "/servers/0/name", TURN, "promised from 2.1 on"),
    "stillborn": Expected("wait", "", "compute/server::wait@2.2", "log", AFTER_CREATE - {"compute/server::wait@2.2"}),
}
HARMLESS = {"token-expired", "hung-create", "hung-delete", "hung-show"}


def test_every_fault_is_looked_at() -> None:
    """No fault of the server is left out here, and none is expected that it hasn't."""
    assert EXPECTED.keys() | HARMLESS == FAULTS.keys()


def test_an_honest_cloud_conforms(cloud: Cloud) -> None:
    """Without a fault every case passes, the command ends with 0 and nothing is left."""
    ended = cloud.run()

    assert (ended.code, cloud.outcomes("passed")) == (0, set(cloud.records()))
    assert not cloud.server.servers
    assert not cloud.ledgers()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_fails_its_case_and_no_other(cloud: Cloud, name: str) -> None:
    """One case fails with one finding and its remedy, what rests on it isn't reached, and nothing is left behind."""
    wanted = EXPECTED[name]
    cloud.server.spoil(name)

    ended = cloud.run("--patience", 1)

    assert (ended.code, cloud.outcomes("failed")) == (1, {wanted.case})
    assert cloud.outcomes("not-reached") == set(wanted.not_reached)
    findings = cloud.records()[wanted.case]["findings"]
    assert [(one["code"], one["pointer"]) for one in findings] == [*wanted.beside, (wanted.code, wanted.pointer)]
    assert wanted.remedy in findings[-1]["remedy"]
    assert f"case      {wanted.case}" in ended.out
    assert (cloud.server.servers, cloud.ledgers()) == ({}, [])


@pytest.mark.parametrize("name", ["drift", "late", "stillborn"])
def test_a_fault_is_found_when_its_case_is_asked_alone(cloud: Cloud, name: str) -> None:
    """A case that failed fails again by itself, even if it takes the neighbour below to see it."""
    cloud.server.spoil(name)

    ended = cloud.run(EXPECTED[name].case)

    assert (ended.code, cloud.outcomes("failed")) == (1, {EXPECTED[name].case})
    assert len(cloud.records()) == 1


def test_what_was_not_reached_names_the_step_that_failed(cloud: Cloud) -> None:
    """A case that rests on a refused create says which step that was, and what was seen there."""
    cloud.server.spoil("quota")

    cloud.run()

    reason = cloud.records()["compute/server::delete@2.2"]["reason"]
    assert "step 'create': status, expected status 202" in reason
    assert "Quota exceeded" in reason


def test_a_server_in_error_is_told_with_its_fault(cloud: Cloud) -> None:
    """A wait ends at once when the server is in ERROR, with the message that the service gives."""
    cloud.server.spoil("stillborn")

    cloud.run()

    failed = cloud.records()["compute/server::wait@2.2"]
    assert "No valid host was found." in failed["findings"][0]["seen"]
    assert failed["seconds"] < 2


def test_a_huge_body_is_not_read_whole(cloud: Cloud) -> None:
    """Of 200 MB the client reads what its limit allows, and hangs up."""
    cloud.server.spoil("huge")

    cloud.run("compute/server::show@2.3")

    assert cloud.server.sent < 64 << 20
    assert "larger than 16 MiB" in cloud.records()[SHOW]["findings"][0]["seen"]


def test_an_expired_token_is_renewed_once(cloud: Cloud) -> None:
    """A token that expires in the middle of a run is renewed, and the run goes on as if nothing were."""
    cloud.server.spoil("token-expired")

    ended = cloud.run("compute/versions::*")

    assert ended.code == 0
    assert [asked.version for asked in cloud.server.log if asked.call == "GET /servers"].count((2, 1)) == 2


def test_extra_keys_are_let_pass_where_asked_for(cloud: Cloud) -> None:
    """With ``--lenient-extra`` a key that nobody promised is a warning in a case that passes, listed by its call."""
    cloud.server.spoil("extra")

    ended = cloud.run("--lenient-extra")

    assert (ended.code, cloud.outcomes("passed")) == (0, set(cloud.records()))
    assert [one["pointer"] for one in cloud.records()[SHOW]["warnings"]] == ["/server/cpu"]
    assert "warning: unexpected keys of compute GET /servers/{server}: /server/cpu @2.3\n" in ended.out
    told = json.loads((cloud.results / "summary.json").read_text(encoding="utf-8"))
    assert told["extra"] == {"compute GET /servers/{server}": {"/server/cpu": ["2.3"]}}


@pytest.mark.parametrize("name", ["late", "type", "drift"])
def test_leniency_excuses_nothing_else(cloud: Cloud, name: str) -> None:
    """With ``--lenient-extra`` everything else that is wrong is a finding as ever."""
    cloud.server.spoil(name)

    ended = cloud.run("--lenient-extra", "compute/server::*")

    assert (ended.code, cloud.outcomes("failed")) == (1, {EXPECTED[name].case})

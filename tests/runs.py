"""Folders as runs leave them, made without a cloud: every planned case with an outcome and an exchange."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance.exchange import Finding, Request
from conformance.microversion import Span
from conformance.plan import Case
from conformance.report import redaction, results
from conformance.report.exchanges import ATTACHMENT, FOLDER
from conformance.settings import Settings
from conformance.stage import Outcome
from conformance.suite import load
from tests.helpers import exchange, put
from tests.test_gate import GATE, NEEDS
from tests.wrong_server import TINY

LATE = Finding(
    "missing",
    "compute",
    "GET /servers/{server}",
    "2.3",
    "/server/tags",
    "the key 'tags'",
    "no such key",
    "'tags' is promised from 2.3 on: show it from there on.",
)


def settings(folder: Path, data: Path = TINY, **changes: Any) -> Settings:
    """The settings of a run of everything in ``data``, or of ``spans``."""
    spans = changes.pop("spans", None) or {name: one.history.span for name, one in load(data).services.items()}
    plain = {"cloud": "tiny", "personas": {"admin": "tiny"}, "spans": spans, "bounds": spans, "run": "abc"}
    return Settings(data=data, results=folder, **{**plain, "wanted": frozenset(), **changes})


def leave(
    folder: Path,
    outcomes: Mapping[str, dict[str, Any]] | None = None,
    *,
    data: Path = TINY,
    wanted: Iterable[str] = (),
    silent: Iterable[str] = (),
    said: str = "",
    **changes: Any,
) -> Path:
    """Write a run's folder, in which every case passed but for ``outcomes`` (fields of a record by id).

    The ``silent`` cases have no record; ``said`` is put into each answer.
    """
    asked = settings(folder, data, **changes)
    cases = {case.id: case for each in asked.plan(load(data)) for case in each}
    chosen = [cases[one] for one in wanted] or list(cases.values())
    (folder / FOLDER).mkdir(parents=True)
    attrs.evolve(asked, wanted=frozenset(case.id for case in chosen)).write(folder / "settings.json")
    ran = [case for case in chosen if case.id not in set(silent)]
    passed = [results.record(Outcome(case, "passed", 0.0123), asked.gate) for case in ran]
    lines = [json.dumps(one | (outcomes or {}).get(one["id"], {})) for one in passed]
    (folder / "results.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for number, case in enumerate(ran):
        attach(folder, case, f"{number:06}", said)
    return folder


def attach(folder: Path, case: Case, name: str, said: str) -> None:
    """What Allure keeps of a case: a result, and an exchange whose answer has ``said`` in it."""
    there = exchange({"server": {"id": case.id, "name": said, "links": [{"href": "a"}, {"href": "b"}]}})
    request = Request(case.service, "GET", f"/servers/{case.id}", headers={"X-Auth-Token": "planted-token"})
    there = attrs.evolve(there, request=request)
    text = f"{redaction.request_text(there)}\n\n{redaction.response_text(there)}"
    (folder / FOLDER / f"{name}-attachment.txt").write_text(text, encoding="utf-8")
    attached = [{"name": ATTACHMENT, "source": f"{name}-attachment.txt", "type": "text/plain"}]
    result = {"name": case.id, "status": "passed", "attachments": attached, "stop": int(name)}
    (folder / FOLDER / f"{name}-result.json").write_text(json.dumps(result), encoding="utf-8")


def gated(data: Path) -> Path:
    """The tiny data with a gate over the story of a server."""
    shutil.copytree(TINY, data)
    put(data / "scenarios/needs.yaml", NEEDS)
    put(data / "gates/one.yaml", GATE)
    return data


GUEST = "compute/server::look@2.2"


def hosted(data: Path) -> Path:
    """The tiny data with a story that asks another service on its way."""
    shutil.copytree(TINY, data)
    story = data / "scenarios/compute/server.yaml"
    with story.open("a", encoding="utf-8") as file:
        file.write("  look: {service: network, GET: /networks, status: 200}\n")
    return data


def failed(**more: Any) -> dict[str, Any]:
    """The fields of a case that failed with LATE, or with what is said in its place."""
    return {"outcome": "failed", "findings": [{**attrs.asdict(LATE), **more}]}


def span(text: str) -> dict[str, Span]:
    """A span of compute, as settings have it."""
    return {"compute": Span.parse(text)}

"""Schemathesis, a client that nobody here wrote, asks the embedded placement what our OpenAPI documents promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import pytest

from conformance import embedded
from conformance.openapi import openapi
from tests.embedded.conftest import booted, connect
from tests.helpers import REPOSITORY, real, v

pytestmark = pytest.mark.cloud

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
EXAMPLES = 20  # for each call that takes something, beside some forty that go through its document one by one
Document = dict[str, Any]


@attrs.frozen
class Placement:
    """An embedded placement with some things in it."""

    cloud: embedded.Cloud
    things: dict[str, list[str]]

    def ask(self, document: Document, folder: Path, *options: str, person: str = "") -> tuple[int, str, Any]:
        """Run schemathesis: its exit code, what it printed, and its report."""
        (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        session = connect(self.cloud, person).session
        version = f"placement {document['info']['version']}"
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            "openapi.json",
            "--url",
            self.cloud.urls["placement"],
        ]
        command += ["-H", f"X-Auth-Token: {session.get_token()}", "-H", f"OpenStack-API-Version: {version}"]
        command += ["--checks", ",".join(CHECKS), "--generation-deterministic", "--request-timeout", "30", "--no-color"]
        command += ["--suppress-health-check", "all", "--report", "json", "--report-json-path", "report.json", *options]
        how: dict[str, Any] = {
            "cwd": folder,
            "env": self._surroundings(),
            "capture_output": True,
            "text": True,
            "timeout": 1200,
        }
        done: Any = subprocess.run(command, check=False, **how)
        report = folder / "report.json"
        return done.returncode, done.stdout + done.stderr, json.loads(report.read_text()) if report.exists() else None

    def _surroundings(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        hooks = {"SCHEMATHESIS_HOOKS": "tests.embedded.schemathesis_hooks", "PYTHONPATH": str(REPOSITORY)}
        return {**kept, **hooks, "THINGS": json.dumps(self.things)}


@pytest.fixture(scope="module")
def placement(warm_home: Path) -> Iterator[Placement]:
    """A placement in which providers have inventories, traits and consumers, and some may be deleted."""
    with booted(warm_home, "asked", "placement") as cloud:
        yield Placement(cloud, populate(connect(cloud).placement.request))


def populate(request: Callable[..., Any]) -> dict[str, list[str]]:
    """Make things, and say which by the names of the variables in paths."""

    def ask(method: str, path: str, **body: Any) -> None:
        request(path, method, json=body, microversion="1.39").raise_for_status()

    providers, consumers, spare = ([str(uuid4()) for _ in range(count)] for count in (3, 3, 20))
    for one in (*providers, *spare):
        ask("POST", "/resource_providers", name=one, uuid=one)
    for one, consumer in zip(providers, consumers, strict=True):
        stock = {"VCPU": {"total": 8}, "MEMORY_MB": {"total": 1024}}
        ask("PUT", f"/resource_providers/{one}/inventories", resource_provider_generation=0, inventories=stock)
        ask("PUT", f"/resource_providers/{one}/traits", resource_provider_generation=1, traits=["HW_CPU_X86_AVX"])
        claim = {"allocations": {one: {"resources": {"VCPU": 1}}}, "project_id": "p", "user_id": "u"}
        ask("PUT", f"/allocations/{consumer}", **claim, consumer_generation=None, consumer_type="INSTANCE")
    named = {"trait": ["HW_CPU_X86_AVX", "CUSTOM_ASKED"], "resource_class": ["VCPU", "MEMORY_MB", "CUSTOM_ASKED"]}
    return {"provider": providers, "consumer": consumers, "DELETE provider": spare, "DELETE consumer": spare, **named}


def document(version: str) -> Document:
    """Our document of placement at a microversion."""
    return openapi(real().services["placement"], v(version))


def takers(document: Document) -> list[str]:
    """Options that choose the operations which take a body or a query: the others have nothing to make up."""
    operations = [one for path in document["paths"].values() for one in path.values() if "operationId" in one]
    taking = [one for one in operations if "requestBody" in one or len(one["parameters"]) > 1]
    return [option for one in taking for option in ("--include-operation-id", one["operationId"])]


@pytest.mark.parametrize("version", ["1.0", "1.24", "1.39"])
def test_each_call_keeps_its_promise(placement: Placement, tmp_path: Path, version: str) -> None:
    """Whatever is asked, right or wrong, the answer is one that the document promises."""
    code, out, report = placement.ask(document(version), tmp_path, "--phases", "coverage")
    assert code == 0, out
    assert report["operations"]["tested"] == report["operations"]["total"] > 15
    assert report["test_cases"]["generated"] > 400


@pytest.mark.parametrize("version", ["1.0", "1.24", "1.39"])
def test_what_is_made_up_is_answered(placement: Placement, tmp_path: Path, version: str) -> None:
    """Bodies and queries made up at random, half of them wrong, are taken or refused as the document says."""
    asked = document(version)
    options = ("--phases", "fuzzing", "--max-examples", str(EXAMPLES), *takers(asked))
    code, out, report = placement.ask(asked, tmp_path, *options)
    assert code == 0, out
    assert report["test_cases"]["generated"] >= EXAMPLES * report["operations"]["tested"] * 0.9


def test_a_reshape_keeps_its_promise(placement: Placement, tmp_path: Path) -> None:
    """Only a service may reshape, so the others' refusal tells nothing of it."""
    options = (
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        str(EXAMPLES),
        "--include-operation-id",
        "post_reshaper",
    )
    code, out, report = placement.ask(document("1.39"), tmp_path, *options, person="service")
    assert code == 0, out
    assert report["operations"]["tested"] == 1


def test_a_false_promise_is_told(placement: Placement, tmp_path: Path) -> None:
    """The same test fails for a document of which one property is wrong."""
    spoiled = document("1.39")
    spoiled["components"]["schemas"]["provider"]["required"].append("mood")
    shown = spoiled["paths"]["/resource_providers/{provider}"]["get"]["operationId"]
    options = ("--phases", "coverage", "--include-operation-id", shown)
    code, out, _ = placement.ask(spoiled, tmp_path, *options)
    assert code == 1, out
    assert "Response violates schema" in out

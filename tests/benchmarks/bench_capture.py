"""How long it takes to judge captures of 10,000 exchanges, as a process of its own, and what recording costs.

Run it as ``python -m pytest tests/benchmarks/bench_capture.py -s``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from timeit import timeit
from typing import Any

import pytest

from conformance import har
from conformance.claim import Claim
from conformance.exchange import Exchange, Request, Response
from conformance.report.disguise import Disguise
from tests.helpers import REPOSITORY, REQUEST_ID, v

COUNT, GOAL = 10_000, 10
URL = "http://cloud.example/compute/v2.1/servers/9168b536-cd40-4630-b43f-b259807c6e87"
HEADERS = {"OpenStack-API-Version": "compute 2.104"}
ANSWERED = {
    "openstack-api-version": "compute 2.104",
    "x-openstack-nova-api-version": "2.104",
    "vary": "OpenStack-API-Version",
    "x-openstack-request-id": REQUEST_ID,
    "content-type": "application/json",
}
CLAIM = Claim("compute", "GET /servers/{server}", v("2.104"), (200,), v("2.104"), "admin", "show", swept=True)


def exchange() -> Exchange:
    """A real server, shown."""
    content = (REPOSITORY / "tests" / "data" / "server-2.104.json").read_bytes()
    return Exchange(Request("compute", "GET", "/servers/1", headers=HEADERS), Response(200, ANSWERED, content))


def capture(path: Path, mark: dict[str, Any]) -> Path:
    """A capture of the same exchange again and again."""
    entry = har.entry(exchange(), URL, datetime.now(UTC), Disguise()) | mark
    path.write_text(json.dumps({"log": {"entries": [entry] * COUNT}}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("another client's", {}),
        ("a recorded run's", {har.OURS: {"case": "compute/a::b@2.104", "claim": CLAIM.plain()}}),
    ],
)
def test_checking(tmp_path: Path, title: str, mark: dict[str, Any]) -> None:
    """The command, from start to end."""
    path = capture(tmp_path / "capture.har", mark)
    begun = perf_counter()
    command = [sys.executable, "-m", "conformance", "check", "--har", str(path)]
    ended = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert f"{COUNT} judged, {COUNT} passed" in ended.stdout
    size = path.stat().st_size >> 20
    print(f"\n{COUNT} exchanges of {title} ({size} MiB): {perf_counter() - begun:.1f} s (goal below {GOAL})")


def test_recording() -> None:
    """An exchange as the line of a part."""
    one, disguise, now = exchange(), Disguise(), datetime.now(UTC)
    seconds = timeit(lambda: json.dumps(har.entry(one, URL, now, disguise)), number=1000)
    print(f"\nrecording an exchange of {len(one.response.content)} octets: {seconds:.3f} ms")

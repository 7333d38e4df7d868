"""How long it takes to judge a real ``GET /servers/{server}``, beside ``jsonschema.validate`` on the same body.

Run it as ``python -m pytest tests/benchmarks/bench_judge.py -s``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from timeit import Timer

import jsonschema

from conformance.document import without_marks
from conformance.microversion import Microversion
from conformance.validation import compiled
from tests.helpers import REPOSITORY, real

GOAL = 500


def microseconds(action: Callable[[], object]) -> float:
    """The best time of an action over five rounds."""
    timer = Timer(action)
    count, _ = timer.autorange()
    return min(timer.repeat(5, max(1, count // 5))) / max(1, count // 5) * 1e6


def test_judging_a_server() -> None:
    """The same verdict, and how many times sooner."""
    schema = real().services["compute"].at("GET /servers/{server}", Microversion(2, 104), "admin").body
    body = json.loads((REPOSITORY / "tests" / "data" / "server-2.104.json").read_text(encoding="utf-8"))
    assert schema is not None
    plain, conforms = without_marks(schema), compiled(schema).conforms
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    assert conforms(body)
    slow = microseconds(
        lambda: jsonschema.validate(body, plain, cls=jsonschema.Draft202012Validator, format_checker=checker)
    )
    fast = microseconds(lambda: conforms(body))
    print(f"\njsonschema.validate {slow:.0f} us, ours {fast:.2f} us: {slow / fast:.0f} times (goal {GOAL})")

"""What schemathesis is told of the cloud beside our document: resources that are there, and known departures.

It is loaded into schemathesis' own process; ``THINGS`` is JSON, the values of path variables by their names. A name
with a method before it stands for that method alone, so that nothing is deleted that others look at.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from typing import Any

import schemathesis

HEADER = "OpenStack-API-Version"
THINGS: dict[str, list[str]] = json.loads(os.environ["THINGS"])


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: Any) -> bool:
    """Leave out requests without the right microversion: the document is of one, and stories look at the others."""
    return getattr(case.meta.phase.data, "parameter", None) != HEADER


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: Any) -> Any:
    """Put what is there into three of four paths, since hardly anything that is made up is there."""
    for name, value in (case.path_parameters or {}).items():
        number = zlib.crc32(repr(value).encode())
        there = THINGS.get(f"{case.method} {name}") or THINGS.get(name)
        if there and number % 4:
            case.path_parameters[name] = there[number % len(there)]
    return case


@schemathesis.hook
def filter_failure(context: schemathesis.HookContext, failure: Any, case: Any, response: Any) -> bool:
    """Leave out departures of placement that are known: each has a reason, and a story or a line that shows it."""
    kind, call = type(failure).__name__, case.operation.label
    if response.status_code == 500:
        return not (_uncountable(call, response) or _of_no_class(call, case.body))
    return not (kind == "AcceptedNegativeData" and _unread(call, case.query))


def _uncountable(call: str, response: Any) -> bool:
    """A capacity too far below zero; the story is placement/inventory-below-zero."""
    return "/inventories" in call and "cannot convert float infinity to integer" in response.text


def _of_no_class(call: str, body: Any) -> bool:
    """Inventories of which no resource class can be; placement/inventory-of-no-class, placement/reshape-of-no-class."""
    if call == "POST /reshaper" and isinstance(body, Mapping):
        sets = [one for one in _values(body.get("inventories")) if isinstance(one, Mapping)]
    else:
        sets = [body] if call.startswith("PUT ") and isinstance(body, Mapping) else []
    names = [name for one in sets if isinstance(one.get("inventories"), Mapping) for name in one["inventories"]]
    return any(not re.fullmatch("[A-Z0-9_]+", name) for name in names)


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else []


def _unread(call: str, query: Any) -> bool:
    """Traits that can't be are refused only while a provider is left: not for ?in_tree=<one that isn't>&required=x."""
    return call == "GET /resource_providers" and "required" in (query or {})

"""Two validators: one decides, one explains, and both are of one mind."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.document import Documents
from conformance.edition import BASIC
from conformance.validation import compiled, faults, short
from tests.helpers import real, v

WRONG = {
    "date-time": "2026-01-31 at noon",
    "date": "31 January",
    "ipv4": "192.0.2.256",
    "ipv6": "2001:db8::g",
    "uri": "no link at all",
    "uuid": "9d1b8b6e",
    "hostname": "-a-",
    "email": "no mail",
    "regex": "(",
}
RIGHT = {
    "date-time": "2026-01-31T12:00:00Z",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "http://192.0.2.1/v2.1/servers/1",
    "uuid": "9d1b8b6e-3f0e-4d9b-9f2b-0a1b2c3d4e5f",
}
CELLS = (
    ("compute", "GET /servers/{server}", "2.1"),
    ("compute", "GET /servers/detail", "2.104"),
    ("compute", "GET /flavors/{flavor}", "2.61"),
    ("compute", "GET /os-hypervisors/detail", "2.88"),
    ("placement", "GET /allocation_candidates", "1.36"),
    ("placement", "GET /resource_providers", "1.39"),
)


def formats(schema: Any) -> Iterator[str]:
    """Every format that a schema names."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("format"), str):
            yield schema["format"]
        for inner in schema.values():
            yield from formats(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from formats(inner)


def parts(services: Mapping[str, Documents]) -> Iterator[Any]:
    """Every schema of every call at each of its turning points."""
    for documents in services.values():
        for call in documents.calls:
            for point in documents.turning_points(call):
                if point in documents.life(call):
                    folded = documents.at(call, point)
                    yield from (folded.body, folded.takes, folded.query, folded.headers)


def used() -> set[str]:
    """The formats that our schemas use, and those that a type may name."""
    return set(formats(list(parts(real().services)))) | set(formats(list(BASIC.values())))


def test_no_format_is_unknown_to_either_validator() -> None:
    """Each format that the schemas use refuses an obviously wrong text, in both validators."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for name in used():
        schema = {"type": "string", "format": name}
        assert not compiled(schema).conforms(WRONG[name]), name
        assert not checker.conforms(WRONG[name], name), name


@pytest.mark.parametrize("name", RIGHT)
def test_each_format_lets_the_right_text_pass(name: str) -> None:
    """Each format lets a text of its kind pass, in both validators."""
    schema = {"type": "string", "format": name}
    assert compiled(schema).conforms(RIGHT[name])
    assert not list(compiled(schema).explain(RIGHT[name]))


def example(schema: Mapping[str, Any]) -> Any:
    """A value that conforms to a schema of ours."""
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return example(branches[0])
    kind = schema.get("type", "null")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        needed = {key: example(schema["properties"][key]) for key in schema.get("required", ())}
        return needed | {key: example(inner) for key, inner in list(schema.get("properties", {}).items())[:3]}
    if kind == "array":
        return [example(schema["items"])] * max(1, schema.get("minItems", 1)) if "items" in schema else []
    plain = {"integer": schema.get("minimum", 0), "number": schema.get("minimum", 0.5), "boolean": True, "null": None}
    return plain[kind] if kind in plain else RIGHT.get(schema.get("format", ""), _text(schema))


def _text(schema: Mapping[str, Any]) -> str:
    return "a" * int(schema.get("minLength", 1))


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value within a value."""
    yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*way, key))


def spoiled(value: Any, way: tuple[Any, ...], by: Any) -> Any:
    """A copy of a value with what stands at ``way`` replaced, or taken away for Ellipsis."""
    if not way:
        return value if by is ... else by
    copied = copy.deepcopy(value)
    holder = copied
    for step in way[:-1]:
        holder = holder[step]
    if by is ...:
        del holder[way[-1]]
    else:
        holder[way[-1]] = by
    return copied


@cache
def schema_of(cell: tuple[str, str, str]) -> dict[str, Any]:
    """The schema of a body of ours."""
    body = real().services[cell[0]].at(cell[1], v(cell[2])).body
    assert body is not None
    return body


ODD = st.sampled_from(
    [..., None, True, 0, -1, 1.0, 1.5, "", "a\n", "é", [], [None], {}, {"x": 1}, *RIGHT.values(), *WRONG.values()]
)


@settings(max_examples=150)
@given(cell=st.sampled_from(CELLS), chosen=st.randoms(use_true_random=False), odd=st.lists(ODD, max_size=2))
def test_both_validators_agree(cell: tuple[str, str, str], chosen: Any, odd: list[Any]) -> None:
    """Whatever is spoiled in a body, one validator refuses it exactly when the other one does, and it is explained."""
    body = example(schema_of(cell))
    for by in odd:
        body = spoiled(body, chosen.choice(list(places(body))), by)
    validators = compiled(schema_of(cell))
    explained = list(validators.explain(body))
    assert validators.conforms(body) == (not explained)
    assert bool(list(faults(body, schema_of(cell)))) == bool(explained)


@pytest.mark.parametrize("cell", CELLS)
def test_the_examples_conform(cell: tuple[str, str, str]) -> None:
    """The bodies that the property above spoils have the right keys and types to begin with."""
    assert [fault for fault in faults(example(schema_of(cell)), schema_of(cell)) if fault.code != "value"] == []


def test_a_line_break_at_the_end_is_explained() -> None:
    """What only the deciding validator refuses, a line break that Python's $ lets pass, is a fault all the same."""
    found = list(faults({"a": "b\n"}, {"properties": {"a": {"pattern": "^b$"}}}))
    assert [(fault.code, fault.pointer) for fault in found] == [("value", "/a")]


ALTERNATIVES = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"id": {"type": "integer"}},
            "required": ["id"],
            "additionalProperties": False,
        },
        {"type": "null"},
    ]
}


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [({}, "missing", "/id"), ({"id": "1"}, "type", "/id"), ({"id": 1, "x": 1}, "unexpected", "/x"), (7, "value", "")],
)
def test_alternatives(data: Any, code: str, place: str) -> None:
    """Of several alternatives the one that was meant is explained; what is none of them is one fault."""
    assert [(fault.code, fault.pointer) for fault in faults(data, ALTERNATIVES)] == [(code, place)]


def test_validators_are_made_once() -> None:
    """Schemas that are equal but for our marks share their validators."""
    one, other = {"type": "string", "x-volatile": True}, {"type": "string"}
    assert compiled(one) is compiled(other)


def test_short() -> None:
    """A value is told on one line, and cut where it gets long."""
    assert short({"b": 1, "a": "x\ny"}) == '{"a": "x\\ny", "b": 1}'
    assert short("two\n  lines") == "two lines"
    assert short("x" * 200) == "x" * 160 + "..."

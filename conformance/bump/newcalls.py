"""What a call that begins takes and answers, from what was seen and declared when it was asked. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.bump.canon import text
from conformance.bump.drawing import Drawing
from conformance.bump.existence import body
from conformance.bump.sighting import Sighting
from conformance.document import Schema, fold, fold_literal

_GUESS = {"GET": 200, "POST": 200, "PUT": 200, "PATCH": 200, "DELETE": 204}


def drafted(call: str, sighted: list[Sighting], drawing: Drawing) -> tuple[dict[str, Any], list[str]]:
    """The entry of a call that begins, and remarks."""
    good = [one for one in sighted if one.succeeded]
    entry: dict[str, Any] = {}
    remarks: list[str] = []
    statuses = sorted({one.status for one in good})
    if good:
        entry["status"] = statuses[0] if len(statuses) == 1 else statuses
        remarks.append(f"seen to succeed {len(good)} times" if len(good) > 1 else "seen to succeed once")
    else:
        entry["status"] = _GUESS[call.partition(" ")[0]]
        words = f"{sighted[0].status} {sighted[0].exchange.response.text[:100]}" if sighted else "nothing"
        remarks.append(f"a guess: could not see it succeed, it answered {words}")
    for part, kind in (("query", "query"), ("takes", "takes")):
        schema = _declared(sighted, kind)
        if schema and schema.get("type") != "null":
            entry[part], more = _query(schema, drawing) if part == "query" else _takes(schema, drawing)
            remarks += more
    filled = [one for one in good if one.data is not None]
    if filled:
        entry["body"], more = body(filled, drawing, call)
        remarks += more
    if headers := _headers(good, drawing):
        entry["headers"] = headers
    return entry, remarks


def _declared(sighted: Iterable[Sighting], kind: str) -> Schema | None:
    return next((one.declared[kind] for one in sighted if kind in one.declared), None)


def _query(schema: Schema, drawing: Drawing) -> tuple[Any, list[str]]:
    keys = {key: inner.get("items", inner) for key, inner in schema.get("properties", {}).items()}
    single = {"type": "object", "additionalProperties": True, **schema, "properties": keys}
    edition = drawing.edition
    used = {one.query for one in edition.calls.values() if isinstance(one.query, str)}
    same = [name for name in used if text(fold(edition, name)) == text(single)]
    if same:
        return min(same, key=lambda name: (len(name), name)), []
    return _takes(single, drawing)


def _takes(schema: Schema, drawing: Drawing) -> tuple[Any, list[str]]:
    """An object written out as far as it refuses what it doesn't name; else a shape."""
    if schema.get("additionalProperties") is not False or "properties" not in schema:
        drawn = drawing.of_schema(schema, "wanted")
        return drawn.type, list(drawn.remarks)
    literal, remarks = {}, []
    for key, inner in schema["properties"].items():
        drawn = drawing.of_schema(inner, key)
        literal[key if key in schema.get("required", ()) else f"{key}?"] = drawn.type
        remarks += [f"{key}: {remark}" for remark in drawn.remarks]
    return literal, remarks


def _headers(good: list[Sighting], drawing: Drawing) -> Any:
    """The headers of its answers of which the history speaks elsewhere."""
    edition = drawing.edition
    types: dict[str, Any] = {}
    for one in edition.calls.values():
        for key, schema in (fold_literal(edition, one.headers) or {}).get("properties", {}).items():
            types[key] = drawing.named(schema) or "string"
    found = [set(one.exchange.response.headers) & types.keys() for one in good]
    if not found or not set.union(*found):
        return None
    always = set.intersection(*found)
    literal = {key if key in always else f"{key}?": types[key] for key in sorted(set.union(*found))}
    used = sorted(
        {one.headers for one in edition.calls.values() if isinstance(one.headers, str)}, key=lambda n: (len(n), n)
    )
    wanted = text(fold_literal(edition, literal))
    return next(
        (name for name in used if text({**fold(edition, name), "additionalProperties": False}) == wanted), literal
    )

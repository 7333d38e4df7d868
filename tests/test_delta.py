"""Deltas: each kind of nonsense is refused with its own error, and the four verbs do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.edition import Property
from conformance.errors import DataError
from tests.helpers import THINGS, history, v

EXISTS = "To change it say replace:; to make it optional, drop and allow."
SPELLING = "Check the spelling, or say add:."
KIND = "A shape that is a type changes by is:, one that has properties by add, allow, replace and drop."
TAKEN = "Change it under change:, or choose another name."
TAG = "{is: {type: string}}"


def refused(data: Path, *deltas: str) -> DataError:
    """The error with which a history is refused."""
    with pytest.raises(DataError) as caught:
        history(data, THINGS, *deltas)
    return caught.value


@pytest.mark.parametrize(
    ("delta", "what", "place", "remedy"),
    [
        ("change: {thing: {add: {name: uuid}}}", "thing has 'name' already", "change/thing/add/name", EXISTS),
        ("change: {thing: {allow: {name: uuid}}}", "thing has 'name' already", "change/thing/allow/name", EXISTS),
        ("change: {thing: {drop: [size]}}", "thing has no 'size'", "change/thing/drop/size", SPELLING),
        ("change: {thing: {replace: {size: uuid}}}", "thing has no 'size'", "change/thing/replace/size", SPELLING),
        ("new: {thing: {add: {id: uuid}}}", "the shape 'thing' exists", "new/thing", TAKEN),
        ("new: {uuid: {is: string}}", "the shape 'uuid' exists", "new/uuid", TAKEN),
        ("change: {thing: {is: string}}", "'thing' is of the other kind", "change/thing", KIND),
        (
            "calls: {PUT /things: {body: thing}}",
            "a new call without a status",
            "calls/PUT /things",
            "Say which status means success, such as status: 200.",
        ),
        (
            "gone: [GET /thongs]",
            "no call 'GET /thongs' that could end",
            "gone",
            "Check the spelling against the call's first delta.",
        ),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, delta: str, what: str, place: str, remedy: str) -> None:
    """What contradicts the edition before is refused with the file, the place in it, and what to do."""
    path = tmp_path / "schemas" / "compute" / "2.2.yaml"
    assert refused(tmp_path, delta) == DataError(what, f"{path}: {place}", remedy)


@pytest.mark.parametrize(
    ("delta", "place"),
    [
        ("change: {thing: {add: {tag: tga}}}", "thing"),
        ("change: {thing: {add: {tag: [tga]}}}", "thing"),
        ("change: {thing: {add: {tag: 'tga?'}}}", "thing"),
        ("change: {thing: {add: {tag: {type: array, items: tga}}}}", "thing"),
        ("change: {thing: {add: {tag: {anyOf: [tga, string]}}}}", "thing"),
        ("new: {tag: {is: {type: object, additionalProperties: tga}}}", "tag"),
        ("new: {tag: {is: {type: object, patternProperties: {^a: tga}}}}", "tag"),
        ("new: {thing_more: {extends: tga, add: {id: uuid}}}", "new/thing_more"),
        ("change: {tga: {add: {id: uuid}}}", "change/tga"),
        ("calls: {PUT /things: {status: 200, body: tga}}", "calls/PUT /things"),
        ("calls: {PUT /things: {status: 200, body: {things: [tga]}}}", "calls/PUT /things"),
        ("calls: {PUT /things: {status: 200, takes: {thing?: tga}}}", "calls/PUT /things"),
        ("calls: {GET /things: {query: tga}}", "calls/GET /things"),
        ("calls: {GET /things: {headers: tga}}", "calls/GET /things"),
        ("error: tga", "error"),
    ],
)
def test_an_unknown_shape_is_refused(tmp_path: Path, delta: str, place: str) -> None:
    """A shape that nobody defined is refused wherever a type may stand."""
    path = tmp_path / "schemas" / "compute" / "2.2.yaml"
    expected = DataError("unknown shape 'tga'", f"{path}: {place}", f"Define it under new: in {path}.")
    assert refused(tmp_path, delta) == expected


def test_a_literal_does_not_change_by_verbs(tmp_path: Path) -> None:
    """A shape that is a type has no properties to add to."""
    path = tmp_path / "schemas" / "compute" / "2.3.yaml"
    found = refused(tmp_path, f"new: {{tag: {TAG}}}", "change: {tag: {add: {id: uuid}}}")
    assert found == DataError("'tag' is of the other kind", f"{path}: change/tag", KIND)


def test_a_twin_key_is_refused(tmp_path: Path) -> None:
    """A shape can't get a key that a shape extending it has said for itself."""
    path = tmp_path / "schemas" / "compute" / "2.3.yaml"
    found = refused(
        tmp_path, "new: {more: {extends: thing, add: {size: integer}}}", "change: {thing: {add: {size: integer}}}"
    )
    remedy = "Drop it there: more extends thing and follows its changes."
    assert found == DataError("more has 'size' of its own", f"{path}: change/thing/add/size", remedy)


def test_a_twin_key_two_steps_down_is_refused(tmp_path: Path) -> None:
    """The same holds for a shape that extends an extending one."""
    new = "new: {more: {extends: thing}, most: {extends: more, add: {size: integer}}}"
    assert refused(tmp_path, new, "change: {thing: {add: {size: string}}}").what == "most has 'size' of its own"


@pytest.mark.parametrize(
    "delta",
    [
        "changes: {}",
        "new: {tag: {ad: {id: uuid}}}",
        "change: {thing: {remove: [id]}}",
        "calls: {GET /tags: {status: 200, returns: thing}}",
        "calls: {get /tags: {status: 200}}",
        "new: {Tag: {add: {id: uuid}}}",
    ],
)
def test_an_unknown_key_is_refused(tmp_path: Path, delta: str) -> None:
    """A key that the form of a delta doesn't have is refused, at every depth."""
    path = tmp_path / "schemas" / "compute" / "2.2.yaml"
    assert refused(tmp_path, delta).where.startswith(str(path))


@pytest.mark.parametrize(
    "type_",
    ["{type: strin}", "{type: string, format: date-tmie}", "{type: string, pattern: '('}", "{typ: string}"],
)
def test_a_type_that_is_no_json_schema_is_refused(tmp_path: Path, type_: str) -> None:
    """An unknown format, kind or keyword of JSON Schema is refused, for it would let anything pass."""
    refused(tmp_path, f"change: {{thing: {{add: {{made: {type_}}}}}}}")


@pytest.mark.parametrize("entry", ["{for: admin}", "{for: amdin, is: string}"])
def test_a_persona_property_is_whole(tmp_path: Path, entry: str) -> None:
    """A property that one persona sees names a persona that there is, and its type."""
    refused(tmp_path, f"change: {{thing: {{add: {{host: {entry}}}}}}}")


def test_a_volatile_key_must_exist(tmp_path: Path) -> None:
    """A key that the shape doesn't have can't be volatile."""
    path = tmp_path / "schemas" / "compute" / "2.2.yaml"
    expected = DataError("thing has no 'updated'", f"{path}: change/thing/volatile/updated", SPELLING)
    assert refused(tmp_path, "change: {thing: {volatile: [updated]}}") == expected


@pytest.mark.parametrize("new", ["{tree: {is: [tree]}}", "{tree: {add: {branch: tree}}}", "{a: {is: b}, b: {is: a}}"])
def test_a_shape_within_itself_is_refused(tmp_path: Path, new: str) -> None:
    """A shape that contains itself has no flat form, and is refused when it is read."""
    assert refused(tmp_path, f"new: {new}").what.endswith(" contains itself")


def test_the_four_verbs(tmp_path: Path) -> None:
    """Added is required, allowed isn't, replaced has the new type, dropped is away."""
    delta = "change: {thing: {drop: [id], replace: {name: string?}, add: {size: integer}, allow: {note: string}}}"
    edition = history(tmp_path, THINGS, delta).at(v("2.2"))
    assert edition.properties("thing") == {
        "name": Property("string?", required=True),
        "size": Property("integer", required=True),
        "note": Property("string", required=False),
    }


def test_drop_and_allow_makes_optional(tmp_path: Path) -> None:
    """Dropping and allowing a key in one delta makes it optional, as the remedy says."""
    edition = history(tmp_path, THINGS, "change: {thing: {drop: [name], allow: {name: string}}}").at(v("2.2"))
    assert edition.properties("thing")["name"] == Property("string", required=False)


def test_an_older_edition_stays(tmp_path: Path) -> None:
    """A delta changes nothing below itself."""
    loaded = history(tmp_path, THINGS, "change: {thing: {drop: [name]}}", "gone: [GET /things]")
    assert set(loaded.at(v("2.1")).properties("thing")) == {"id", "name"}
    assert "GET /things" in loaded.at(v("2.2")).calls


def test_an_extending_shape_follows(tmp_path: Path) -> None:
    """A shape that extends another follows its later changes, less what it dropped itself."""
    new = "new: {brief: {extends: thing, drop: [name]}}"
    loaded = history(tmp_path, THINGS, new, "change: {thing: {add: {size: integer}}}")
    assert set(loaded.at(v("2.2")).properties("brief")) == {"id"}
    assert set(loaded.at(v("2.3")).properties("brief")) == {"id", "size"}


def test_extends_in_any_order(tmp_path: Path) -> None:
    """A shape may extend one that is written below it."""
    loaded = history(tmp_path, THINGS, "new: {b: {extends: c, drop: [x]}, c: {add: {x: any, y: any}}}")
    assert set(loaded.at(v("2.2")).properties("b")) == {"y"}


def test_unknown_and_volatile_are_inherited(tmp_path: Path) -> None:
    """What a shape says of unknown keys and volatile values holds for a shape that extends it."""
    new = "new: {a: {unknown: ignored, volatile: [x], add: {x: any}}, b: {extends: a, add: {y: any}}}"
    edition = history(tmp_path, THINGS, new).at(v("2.2"))
    assert edition.unknown("b") == "ignored"
    assert edition.volatile("b") == {"x"}
    assert (edition.unknown("thing"), edition.volatile("thing")) == ("refused", frozenset())


def test_a_call_is_rebound(tmp_path: Path) -> None:
    """Only what a delta says of a call changes; the rest of it stays."""
    loaded = history(tmp_path, THINGS, "calls: {POST /things: {status: [200, 202]}}")
    call = loaded.at(v("2.2")).calls["POST /things"]
    assert call.status == (200, 202)
    assert call.takes == {"thing": "thing_new"}


def test_a_call_ends_and_begins_again(tmp_path: Path) -> None:
    """An ended call isn't there any more, and begins anew with a status."""
    loaded = history(tmp_path, THINGS, "gone: [GET /things]", "calls: {GET /things: {status: 200}}")
    assert "GET /things" not in loaded.at(v("2.2")).calls
    assert loaded.at(v("2.3")).calls["GET /things"].body is None


def test_restated_calls_are_told(tmp_path: Path) -> None:
    """An edition tells the calls whose body its delta names anew."""
    delta = "calls: {GET /things: {body: {things: [thing]}}, POST /things: {status: 202}}"
    edition = history(tmp_path, THINGS, delta).at(v("2.2"))
    assert edition.restated == {"GET /things"}
    assert edition.touched == {"GET /things", "POST /things"}

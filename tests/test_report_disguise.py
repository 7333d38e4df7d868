"""Stand-ins for secrets: equal where the secrets were, of the same type, and nothing of them is left."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.document import Schema
from conformance.report import redaction
from conformance.report.disguise import Disguise
from conformance.validation import compiled
from tests.helpers import real

DISGUISE = Disguise()
UUID = "0f0e0d0c-1111-2222-3333-444455556666"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "adminPass", "connection_info"]), inner),
)


def kinds(value: Any) -> Any:
    """A value with nothing but the types of what stands in it."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    return [kinds(inner) for inner in value] if isinstance(value, list) else type(value)


@given(JSON)
def test_types_stay(value: Any) -> None:
    """Keys, lists and types are those of the value."""
    assert kinds(DISGUISE.data(value)) == kinds(value)


@given(JSON, JSON)
@example({"adminPass": False}, {"adminPass": 0})
def test_equal_values_stay_equal(one: Any, other: Any) -> None:
    """Two values are disguised alike if they are equal as JSON, to which false is no 0, and not if they aren't."""
    disguised = [json.dumps(DISGUISE.data(value), sort_keys=True) for value in (one, other)]
    assert len(set(disguised)) == len({json.dumps(value, sort_keys=True) for value in (one, other)})


@pytest.mark.parametrize("secret", ["s3cret", "aGVsbG8=", "-----BEGIN PRIVATE KEY-----\nx", UUID])
def test_nothing_of_a_secret_is_left(secret: str) -> None:
    """A text below a secret's key is another one, and what stood below it in parts as well."""
    body = {"server": {"adminPass": secret}, "connection_info": {"data": [secret, {"a": secret}], "port": 3260}}
    disguised = DISGUISE.data(body)
    assert secret not in disguised["server"].values()
    assert json.dumps(secret) not in json.dumps(disguised)
    assert disguised["connection_info"]["port"] != 3260


@pytest.mark.parametrize("value", [{"adminPass": ""}, {"connection_info": {}}, {"password": None}, {"token": True}])
def test_what_is_empty_is_no_secret(value: Any) -> None:
    """Empty values, null and what can only be true or false stay as they are."""
    assert DISGUISE.data(value) == value


def test_what_is_expected_at_a_secrets_place() -> None:
    """What is expected of a body is disguised as the body is."""
    body = {"server": {"adminPass": "a", "name": "b"}, "connection_info": {"kind": "c"}}
    disguised = DISGUISE.data(body)
    assert DISGUISE.at("/server/adminPass", "a") == disguised["server"]["adminPass"] != "a"
    assert DISGUISE.at("/server/name", "b") == disguised["server"]["name"] == "b"
    assert DISGUISE.at("/connection_info/kind", "c") == disguised["connection_info"]["kind"] != "c"


def test_a_uuid_stands_for_a_uuid() -> None:
    """The token in a console's URL stays one that a story can pick out of it."""
    url = DISGUISE.data({"url": f"http://c/?token={UUID}"})["url"]
    assert len(url.rpartition("=")[2]) == len(UUID)
    assert UUID not in url


def test_nobody_turns_it_back() -> None:
    """Another run has other stand-ins for the same secrets."""
    assert Disguise().word("a") != DISGUISE.word("a")


def test_a_stand_in_is_shown_as_any_secret() -> None:
    """In a finding a stand-in looks as the secret itself does."""
    text = json.dumps(DISGUISE.data({"said": "gAAAA" + "x" * 30}))
    assert redaction.text(text) == json.dumps({"said": redaction.HIDDEN})


def secrets_of(schema: Schema, key: str = "") -> list[tuple[str, Schema]]:
    """Each key of a schema that tells of a secret, with its own schema."""
    found = [(key, schema)] if key and redaction.secret(key, "x") else []
    for name, inner in schema.get("properties", {}).items():
        found += secrets_of(inner, name)
    for inner in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found += secrets_of(inner, key) if isinstance(inner, dict) else []
    return found


@pytest.mark.parametrize("service", ["compute", "placement", "volume"])
def test_a_stand_in_is_what_the_history_promises(service: str) -> None:
    """Wherever the history promises a text at a secret's place, a stand-in is such a text, at every microversion."""
    documents = real().services[service]
    for call in documents.calls:
        for version in documents.turning_points(call):
            body = documents.at(call, version).body if documents.exists(call, version) else None
            for key, schema in secrets_of(body or {}):
                conforms = compiled(schema).conforms
                assert conforms(DISGUISE.word("x")) or not conforms("x"), (call, str(version), key)

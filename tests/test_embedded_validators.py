"""What the services' own validators share on the embedded cloud."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from conformance.embedded.inside.embedded_cloud.validators import check_once, remember


class Validator:
    """As the services have it: made anew for each body."""

    made = 0

    def __init__(self, schema: dict[str, Any], relaxed: bool = False) -> None:
        Validator.made += 1
        self.validator = (schema, relaxed)


def test_a_validator_is_made_once_for_a_schema_and_its_options() -> None:
    """Equal schemas that are not the same one, and other options, have validators of their own."""
    remember(SimpleNamespace(_SchemaValidator=Validator))
    one: dict[str, Any] = {"type": "object"}
    other = dict(one)
    first, second = Validator(one), Validator(one)
    assert first.validator is second.validator
    assert Validator(other).validator[0] is other
    assert Validator(one, True).validator == (one, True)
    assert Validator.made == 3


def test_a_schema_is_checked_once() -> None:
    """One that is sound isn't looked at again, one that isn't is refused each time, and values are judged as before."""
    checked: list[Any] = []

    class Mine(jsonschema.Draft202012Validator):
        @classmethod
        def check_schema(cls, schema: Any, *_: Any, **__: Any) -> None:
            checked.append(schema)
            jsonschema.Draft202012Validator.check_schema(schema)

    check_once(Mine)
    sound, wrong = {"type": "string"}, {"type": "strung"}
    for _ in range(2):
        jsonschema.validate("a", sound, cls=Mine)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(1, sound, cls=Mine)
        with pytest.raises(jsonschema.SchemaError):
            jsonschema.validate("a", wrong, cls=Mine)
    assert checked == [sound, wrong, wrong]

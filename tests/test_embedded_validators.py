"""What the services' own validators share on the embedded cloud."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from conformance.embedded.inside.embedded_cloud.validators import remember


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

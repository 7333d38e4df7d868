"""What services do anew for each body that they look at, though it is about the schema alone, is done once a schema.

Nova and cinder derive a class of validators, placement holds the schema against that of all schemas. A schema lives as
long as the service, and is kept here, so its identity names it for good.
"""

from __future__ import annotations

from typing import Any


def remember(module: Any) -> None:
    """Let the validators of ``nova.api.validation`` or ``cinder.api.validation`` share what they are made of."""
    validator = module._SchemaValidator
    make, made = validator.__init__, {}

    def remembered(self: Any, schema: Any, *options: Any) -> None:
        key = (id(schema), *options)
        if key not in made:
            make(self, schema, *options)
            made[key] = vars(self).copy()
        vars(self).update(made[key])

    validator.__init__ = remembered


def check_once(validator: Any) -> None:
    """Let a class of jsonschema's validators hold each schema against that of all schemas once."""
    check, sound = validator.check_schema, dict[int, Any]()

    def checked(_: Any, schema: Any, *options: Any, **named: Any) -> None:
        if id(schema) not in sound:
            check(schema, *options, **named)
            sound[id(schema)] = schema

    validator.check_schema = classmethod(checked)

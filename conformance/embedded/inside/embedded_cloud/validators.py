"""Nova and cinder derive a class of validators for each body that they look at; here that is done once a schema."""

from __future__ import annotations

from typing import Any


def remember(module: Any) -> None:
    """Let the validators of ``nova.api.validation`` or ``cinder.api.validation`` share what they are made of.

    A schema lives as long as the service, and what is made of it keeps it, so its identity names it for good.
    """
    validator = module._SchemaValidator
    make, made = validator.__init__, {}

    def remembered(self: Any, schema: Any, *options: Any) -> None:
        key = (id(schema), *options)
        if key not in made:
            make(self, schema, *options)
            made[key] = vars(self).copy()
        vars(self).update(made[key])

    validator.__init__ = remembered

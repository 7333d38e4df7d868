"""What the user's own commands have in common, by which a cloud is taken hold of beside its APIs. Layer 3."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from conformance.errors import UsageError
from conformance.exchange import Response


def words(command: str, values: Mapping[str, str], key: str) -> list[str]:
    """The words of a command with ``{name}`` filled in; it is no shell's, and what it needs of one it has to start.

    ``key`` is where it stands under ``conformance`` in an entry of clouds.yaml.
    """
    try:
        said = shlex.split(command)
    except ValueError as error:
        remedy = f"Mend conformance: {{{key}: ...}} in the cloud's entry of clouds.yaml."
        raise UsageError(f"the command for {key} can't be read: {error}", command, remedy) from None
    for name, value in values.items():
        said = [word.replace(f"{{{name}}}", value) for word in said]
    return said


def answer(status: int, data: object, seconds: float = 0.0) -> Response:
    """An answer as a service would give it."""
    content = b"" if data is None else json.dumps(data).encode()
    return Response(status, {"content-type": "application/json"}, content, seconds)

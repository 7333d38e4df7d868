"""YAML in, checked against ``formats/``. Nothing else opens a data file. Layer 0."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import jsonschema_rs
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.errors import DataError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_Loader):  # type: ignore[misc]
    """YAML in which a key that stands twice is an error, since the first would be lost in silence.

    A bare date is text, as in JSON, which has no dates.
    """

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in _Loader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key.value, str) or key.value in seen:
                problem = f"the key {key.value!r} stands twice" if isinstance(key.value, str) else "a key must be text"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def data_folder() -> Path:
    """Where schemas/, scenarios/ and gates/ are: within an installed wheel, or beside the package in a checkout."""
    package = Path(str(files("conformance")))
    installed = package / "data"
    return installed if installed.is_dir() else package.parent


def read(path: Path, form: str) -> Any:
    """The data of a YAML file that has the named form (``formats/<form>.json``); DataError otherwise."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _Strict)  # noqa: S506  (a safe loader)
    except OSError as error:
        raise DataError(f"can't be read: {error.strerror}", str(path), "Check the path and its permissions.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"is not YAML: {_mark(error)}", str(path), "Mend the line it names.") from None
    check(data, form, str(path))
    return data


def _mark(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem


def check(data: Any, form: str, where: str) -> None:
    """Raise DataError with the place and a remedy when ``data`` hasn't the form."""
    decide, explain = _form(form)
    try:
        if decide.is_valid(data):
            return
    except ValueError as error:
        remedy = "Put quotes around it: YAML reads an unquoted on or 200 as no text."
        raise DataError(f"has what JSON has not: {error}", where, remedy) from None
    fault = jsonschema.exceptions.best_match(explain.iter_errors(data))
    if fault is None:  # Python's $ lets a line break at the end pass
        refused = next(decide.iter_errors(data))
        place = "/".join(map(str, refused.instance_path))
        raise DataError(refused.message, f"{where}: {place}", "Take the line break at its end away.")
    place = "/".join(map(str, fault.absolute_path))
    raise DataError(fault.message, f"{where}: {place}" if place else where, _remedy(fault))


def _remedy(error: jsonschema.ValidationError) -> str:
    if isinstance(error.instance, float):
        return f'Write the microversion in quotes, "{error.instance}": YAML loads an unquoted 2.10 as the number 2.1.'
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "additionalProperties":
        return f"Known keys are {', '.join(sorted(schema.get('properties', {})))}."
    return str(schema.get("description", "See the format's description in conformance/formats/."))


@cache
def _form(name: str) -> tuple[Any, Any]:
    schema = _schema(f"urn:conformance:{name}")
    registry: Registry[Any] = Registry(retrieve=lambda uri: DRAFT202012.create_resource(_schema(uri)))  # type: ignore[call-arg]
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    explain = jsonschema.Draft202012Validator(schema, registry=registry, format_checker=formats)
    return jsonschema_rs.Draft202012Validator(schema, retriever=_schema, validate_formats=True), explain


def _schema(uri: str) -> Any:
    name = uri.rpartition(":")[2]
    return json.loads((files("conformance") / "formats" / f"{name}.json").read_text(encoding="utf-8"))

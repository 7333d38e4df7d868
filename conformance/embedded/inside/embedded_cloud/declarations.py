"""Tells whoever asks by what JSON Schemas a service judges: of one request, its body, its query and its answer.

A request that carries ``X-Conformance-Declare`` is answered with the digests of the schemas that the service held it
against, and with whether it would have been handled otherwise just below its microversion (``turning``).
``/conformance-declared/<digest>`` gives a schema, and ``/conformance-declared/routes`` all that the service routes.
Nothing is watched before the first of them.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import io
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from .turning import turning

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
MARK = "/conformance-declared/"
_HEADER, _APART = "X-Conformance-Declared", "X-Conformance-Apart"
_PARAMETERS = re.compile(r"\{(\w+)(?::[^}]*)?\}|:\(?(\w+)\)?")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_PROJECT = re.compile(r"^/?\{(project_id|tenant_id)\}(?=/)")
_noted = threading.local()
_watched: list[str] = []


def declaring(application: Application, folder: Path) -> Application:
    """The application, which also tells what it declares if it is asked to; its schemas are kept in a folder.

    So whichever of its processes is asked for one has it.
    """

    def tell(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        what = environ["PATH_INFO"].partition(MARK)[2]
        if what:
            return _tell(what, folder, start_response)
        if "HTTP_X_CONFORMANCE_DECLARE" in environ:
            return _watch_one(application, folder, environ, start_response)
        return application(environ, start_response)

    return tell


def _tell(what: str, folder: Path, start_response: Any) -> Iterable[bytes]:
    found = json.dumps(sorted(set(_routes()))) if what == "routes" else _kept(what, folder)
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
    return [found.encode() or b"null"]


def _kept(digest: str, folder: Path) -> str:
    known = _DIGEST.fullmatch(digest) and (folder / digest).exists()
    return (folder / digest).read_text() if known else ""


def _keep(schema: Any, folder: Path) -> str:
    """Put a schema where every process finds it, whole or not at all, and name it by its digest."""
    text = json.dumps(schema, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    if not (folder / digest).exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{digest}.{os.getpid()}.{threading.get_ident()}"
        temporary.write_text(text)
        temporary.rename(folder / digest)
    return digest


def _watch_one(application: Application, folder: Path, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request after all of it is there, with the schemas that were looked at meanwhile."""
    _watch()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    sent = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(sent)
    begun: list[Any] = []
    _noted.pairs = []
    try:
        with turning(environ) as turned:
            answer = application(environ, lambda *arguments: begun.append(arguments))
            content = b"".join(answer)
            if close := getattr(answer, "close", None):
                close()
    finally:
        pairs, _noted.pairs = _noted.pairs, None
    judged = _sorted(pairs, sent, environ.get("QUERY_STRING", ""), content)
    found = {kind: _keep(schema, folder) for kind, schema in judged}
    status, headers, *rest = begun[-1]
    apart = [] if turned is None else [(_APART, "yes" if turned.apart else "no")]
    start_response(status, [*headers, (_HEADER, json.dumps(found)), *apart], *rest)
    return [content]


def _sorted(pairs: list[tuple[Any, Any]], sent: bytes, query: str, content: bytes) -> Iterator[tuple[str, Any]]:
    """Which schema was for what: the service gave each one the value that it is for."""
    asked = parse_qs(query, keep_blank_values=True)
    last = {key: values[-1] for key, values in asked.items()}
    waiting = {"takes": [_loaded(sent)] if sent else [], "query": [asked, last], "answer": [_loaded(content)]}
    for schema, value in pairs:
        kind = next((one for one, values in waiting.items() if value in values), None)
        if kind is not None:
            waiting[kind] = []
            yield kind, schema


def _loaded(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content


def _watch() -> None:
    """Note what passes the places at which the services validate: nova's and cinder's own class, else the library."""
    if _watched:
        return
    _watched.append("jsonschema")
    library = importlib.import_module("jsonschema")
    validate = library.validate

    def note(instance: Any, schema: Any, *arguments: Any, **named: Any) -> Any:
        _note(schema, instance)
        return validate(instance, schema, *arguments, **named)

    library.validate = note  # type: ignore[attr-defined]
    for service in ("nova", "cinder"):
        if module := sys.modules.get(f"{service}.api.validation.validators"):
            _watch_class(module._SchemaValidator)


def _watch_class(validator: Any) -> None:
    validate = validator.validate

    def note(self: Any, target: Any) -> Any:
        _note(self.validator.schema, target)
        return validate(self, target)

    validator.validate = note


def _note(schema: Any, value: Any) -> None:
    pairs = getattr(_noted, "pairs", None)
    if pairs is not None:
        pairs.append((schema, value))


def _routes() -> Iterator[str]:
    """``GET /servers/{id}``, and for an action a blank and the key of its body."""
    mapper = importlib.import_module("routes").Mapper
    for found in [one for one in gc.get_objects() if isinstance(one, mapper)]:
        for route in found.matchlist:
            path = _PROJECT.sub("", _PARAMETERS.sub(r"{\1\2}", f"/{route.routepath.lstrip('/')}"))
            for method in (route.conditions or {}).get("method") or ():
                yield from _calls(method, path, route.defaults.get("controller"))


def _calls(method: str, path: str, controller: Any) -> Iterator[str]:
    if "{format}" in path:
        return
    actions = getattr(controller, "wsgi_actions", {}) if path.endswith("/action") else {}
    yield from (f"{method} {path} {action}" for action in actions)
    if not actions:
        yield f"{method} {path}"

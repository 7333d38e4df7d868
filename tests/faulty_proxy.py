"""A proxy before one real service of a cloud: it forwards what is asked, and spoils chosen answers on their way back.

    fault = Fault("GET", "/ports/[^/]+$", put("/port/binding:host_id", "elsewhere"))
    with before(cloud.clouds_yaml, folder, network=[fault]):
        ...  # OS_CLIENT_CONFIG_FILE names a clouds.yaml whose entries reach the network service through it

What spoils is any ``Spoil`` of ``wrong_server``, such as its ``put`` and ``drop``.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import attrs
import httpx
import yaml

from conformance.client import Persona
from tests.wrong_server import Answer, Asked, Spoil, listen, put

_HOP_BY_HOP = {"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive", "date", "server"}


@attrs.frozen
class Fault:
    """Spoils the answers of successful requests of a method whose path, with its query, has the pattern."""

    method: str
    path: str
    spoil: Spoil

    def hits(self, asked: Asked, answer: Answer) -> bool:
        """Whether it is about this request."""
        return asked.method == self.method and bool(re.search(self.path, asked.target)) and answer.status < 300


@attrs.define(slots=False)
class FaultyProxy:
    """Stands before the service at ``origin`` (scheme, host and port), on a port of its own."""

    origin: str
    faults: Sequence[Fault]
    sent: int = 0
    asked: list[str] = attrs.field(factory=list)

    def __enter__(self) -> FaultyProxy:
        """Serve in a thread until the block ends."""
        self._client = httpx.Client(base_url=self.origin, timeout=60, trust_env=False)
        self._http = listen(self)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._client.close()

    def answer(self, asked: Asked) -> Answer:
        """What the service says to it, spoiled by each fault that is about it."""
        self.asked.append(f"{asked.method} {asked.target}")
        answer = self._forward(asked)
        for fault in self.faults:
            if fault.hits(asked, answer):
                answer = fault.spoil(self, asked, answer)
        return answer

    def _forward(self, asked: Asked) -> Answer:
        headers = {name: value for name, value in asked.headers.items() if name not in {*_HOP_BY_HOP, "host"}}
        real = self._client.request(asked.method, asked.target, headers=headers, content=asked.content)
        kept = {name: value for name, value in real.headers.items() if name not in _HOP_BY_HOP}
        if not real.content or "json" not in real.headers.get("content-type", ""):
            return Answer(real.status_code, headers=kept, octets=real.content)
        return Answer(real.status_code, real.json(), kept)


def in_turn(pointer: str, *values: Any) -> Spoil:
    """Another value at a pointer: the first one in the first answer, the next in the next, and then the true one."""
    left = [put(pointer, value) for value in values]

    def spoil(world: Any, asked: Asked, answer: Answer) -> Answer:
        return left.pop(0)(world, asked, answer) if left else answer

    return spoil


def meanwhile(act: Callable[[], object]) -> Spoil:
    """The true answer, after something was done beside it, once."""
    left = [act]

    def spoil(world: Any, asked: Asked, answer: Answer) -> Answer:
        if left:
            left.pop()()
        return answer

    return spoil


@contextmanager
def before(clouds_yaml: Path, folder: Path, **faults: Sequence[Fault]) -> Iterator[dict[str, FaultyProxy]]:
    """Proxies before the services named, and in ``folder`` a clouds.yaml that leads through them, set for the block."""
    clouds = yaml.safe_load(clouds_yaml.read_text(encoding="utf-8"))["clouds"]
    through = folder / "through-proxies.yaml"
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, {"OS_CLIENT_CONFIG_FILE": str(clouds_yaml)}))
        proxies = {}
        for service, wanted in faults.items():
            origin, path = _split(Persona(next(iter(clouds))).endpoint(service))
            proxies[service] = stack.enter_context(FaultyProxy(origin, wanted))
            for entry in clouds.values():
                entry[f"{service}_endpoint_override"] = proxies[service].url + path
        through.write_text(yaml.safe_dump({"clouds": clouds}), encoding="utf-8")
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(through)
        yield proxies


def _split(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path

"""A hand on guests, spoken to as if it were a service: what runs within servers, seen from outside. Layer 3.

``GET /SERVER/ADDRESS`` looks at a guest; ``PUT /SERVER/ADDRESS/watch`` begins to watch one, and ``DELETE`` ends that,
and answers with what was seen. The user's own command does both, ``conformance: {guests: {command: COMMAND}}`` in the
cloud's entry of ``clouds.yaml``, in which ``{action}`` (look or watch), ``{server}`` and ``{address}`` are filled in. A
look prints a JSON object; a watch any line as soon as it watches, and its object when its input is closed, so that none
outlives the run. ``GET /`` answers with all that is said there.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from typing import Any

import attrs

from conformance.errors import UsageError
from conformance.exchange import Request, Response
from conformance.hands import answer, words
from conformance.watchdog import WATCHDOG

SAID: Mapping[str, Any] = {"command": "", "image": "", "network": "", "wire": False}
"""What may be said of guests: the command, the image of one that can be looked at, the outer network on which it is
reached, and whether the command sees on the wire which host answers for it."""
PATIENCE = 600.0
"""Seconds that a look may take, and the end of a watch: a guest may have to boot first."""
_WATCH = "/watch"
_GUEST = re.compile(r"/([A-Za-z0-9-]+)/([0-9A-Fa-f.:]+)(/watch)?")


@attrs.define(slots=False)
class Guests:
    """The guests that a command looks at; an empty one means that nobody can."""

    said: Mapping[str, Any] = attrs.field(factory=dict)
    patience: float = PATIENCE
    _watches: dict[str, subprocess.Popen[str]] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if unknown := self.said.keys() - SAID.keys():
            remedy = f"conformance: {{guests: ...}} may say {', '.join(SAID)}."
            raise UsageError(f"it says {', '.join(sorted(unknown))} of guests", "clouds.yaml", remedy)

    def send(self, request: Request) -> Response:
        """200 with what was seen, 204 for a watch that has begun, 500 with the command's last words if it failed."""
        if (request.method, request.path) == ("GET", "/"):
            return answer(200, {**SAID, **self.said})
        found, method = _GUEST.fullmatch(request.path), request.method
        if found and self.said.get("command"):
            if method == "GET" and not found[3]:
                return _ended(self._start("look", found[1], found[2]), self.patience)
            if method == "PUT" and found[3]:
                return self._watch(request.path, found[1], found[2])
            if method == "DELETE" and request.path in self._watches:
                return _ended(self._watches.pop(request.path), self.patience)
        remedy = "GET /SERVER/ADDRESS, PUT and then DELETE /SERVER/ADDRESS/watch, with a command in clouds.yaml"
        return answer(404, {"error": remedy})

    def _start(self, action: str, server: str, address: str) -> subprocess.Popen[str]:
        values = {"action": action, "server": server, "address": address}
        command = words(str(self.said["command"]), values, "guests")
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)  # noqa: S603 - the user's own
        except OSError as error:
            remedy = "Mend conformance: {guests: {command: ...}} in the cloud's entry of clouds.yaml."
            raise UsageError(f"the command for guests can't be run: {error}", command[0], remedy) from None

    def _watch(self, path: str, server: str, address: str) -> Response:
        begun = time.perf_counter()
        if path in self._watches:
            return answer(409, {"error": "it is watched already"})
        process = self._start("watch", server, address)
        assert process.stdout
        with WATCHDOG.within(self.patience, process.kill):
            began = process.stdout.readline()
        if not began:
            return _ended(process, self.patience)
        self._watches[path] = process
        return answer(204, None, time.perf_counter() - begun)


def _ended(process: subprocess.Popen[str], patience: float) -> Response:
    """What a process has printed last, when its input is closed and it has ended."""
    begun = time.perf_counter()
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err = f"it did not end within {patience:g} s. {err}"
    seconds = time.perf_counter() - begun
    if process.returncode:
        return answer(500, {"error": err[-500:] or f"the command ended with {process.returncode}"}, seconds)
    try:
        seen = json.loads(out.strip().rpartition("\n")[2])
    except ValueError:
        seen = None
    if not isinstance(seen, dict):
        return answer(500, {"error": f"the last line it printed is no JSON object: {out[-500:]}"}, seconds)
    return answer(200, seen, seconds)

"""A hand on a cloud's compute hosts, spoken to as if it were a service: PUT and DELETE /HOST/stopped. Layer 3.

The command is the user's own, ``conformance: {hosts: COMMAND}`` in the cloud's entry of ``clouds.yaml``; ``{host}`` and
``{action}`` (stop or start) in it are filled in.
Where hosts have the disks of servers, no API tells either: ``conformance: {disks: local}`` does, or ``shared``.
``conformance: {image: {PROPERTY: VALUE}}`` has what an image needs there, whatever is in it, for its servers to boot.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from typing import Any

import attrs

from conformance.errors import UsageError
from conformance.exchange import Request, Response
from conformance.hands import answer, words

_STOPPED = re.compile(r"/([A-Za-z0-9][A-Za-z0-9._-]*)/stopped")
BOOT_SECONDS = 300.0
"""How long a host may take to be on again at least: it boots, which is no answer that one is impatient for."""
_ACTIONS = {"PUT": "stop", "DELETE": "start"}


@attrs.frozen
class Hosts:
    """The hosts that a command stops and starts; an empty one means that nobody can. ``patience`` is in seconds.

    ``said`` is what the cloud's entry says under ``conformance``: ``hosts``, ``disks`` and ``image`` of it are read.
    """

    said: Mapping[str, Any] = attrs.field(factory=dict)
    patience: float = BOOT_SECONDS

    def __attrs_post_init__(self) -> None:
        if self._of("disks") not in ("", "local", "shared"):
            remedy = "Say local or shared in conformance: {disks: ...} of the cloud's entry of clouds.yaml."
            raise UsageError(f"disks are neither local nor shared: {self._of('disks')}", "clouds.yaml", remedy)

    def send(self, request: Request) -> Response:
        """What became of it: 204 when the command ended with 0, 500 with its last words when it didn't."""
        if request.method == "GET":
            disks, image = self._of("disks"), self.said.get("image") or {}
            told = {"command": self._of("hosts"), "disks": disks, "block_migration": disks == "local", "image": image}
            return answer(200, told)
        found = _STOPPED.fullmatch(request.path)
        if not self._of("hosts") or not found or request.method not in _ACTIONS:
            return answer(404, {"error": "PUT or DELETE /HOST/stopped, with a command in clouds.yaml"})
        return self._run(found[1], _ACTIONS[request.method])

    def _of(self, key: str) -> str:
        """What is said under a key; empty if nobody said."""
        return str(self.said.get(key) or "")

    def _run(self, host: str, action: str) -> Response:
        command = words(self._of("hosts"), {"host": host, "action": action}, "hosts")
        begun = time.perf_counter()
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=self.patience, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return answer(500, {"error": str(error)}, time.perf_counter() - begun)
        seconds = time.perf_counter() - begun
        return answer(500, {"error": done.stderr[-500:]}, seconds) if done.returncode else answer(204, None, seconds)

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
    """The hosts that a command stops and starts; an empty command means that nobody can. ``patience`` is in seconds.

    ``disks`` says where they have the disks of servers, ``local`` or ``shared``; empty if nobody said.
    ``image`` has the properties with which any image boots on them.
    """

    command: str
    patience: float
    disks: str = ""
    image: Mapping[str, str] = attrs.field(factory=dict)

    def send(self, request: Request) -> Response:
        """What became of it: 204 when the command ended with 0, 500 with its last words when it didn't."""
        if request.method == "GET":
            return answer(200, self._said())
        found = _STOPPED.fullmatch(request.path)
        if not self.command or not found or request.method not in _ACTIONS:
            return answer(404, {"error": "PUT or DELETE /HOST/stopped, with a command in clouds.yaml"})
        return self._run(found[1], _ACTIONS[request.method])

    def _said(self) -> dict[str, object]:
        if self.disks not in ("", "local", "shared"):
            remedy = "Say local or shared in conformance: {disks: ...} of the cloud's entry of clouds.yaml."
            raise UsageError(f"disks are neither local nor shared: {self.disks}", "clouds.yaml", remedy)
        copied = self.disks == "local"
        return {"command": self.command, "disks": self.disks, "block_migration": copied, "image": dict(self.image)}

    def _run(self, host: str, action: str) -> Response:
        command = words(self.command, {"host": host, "action": action}, "hosts")
        begun = time.perf_counter()
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=self.patience, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return answer(500, {"error": str(error)}, time.perf_counter() - begun)
        seconds = time.perf_counter() - begun
        return answer(500, {"error": done.stderr[-500:]}, seconds) if done.returncode else answer(204, None, seconds)

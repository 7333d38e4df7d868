"""A cloud on which gates are tried: their stories run through proxies that put faults into what services answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs

from conformance import embedded
from tests.conftest import Ended, command
from tests.faulty_proxy import Fault, before


@attrs.frozen
class GateCloud:
    """A booted cloud, its administrator, and the folder where results of one test go."""

    cloud: embedded.Cloud
    admin: Any
    folder: Path
    stopped: list[str] = attrs.field(factory=list)

    def perform(self, story: str, **faults: Sequence[Fault]) -> Ended:
        """Run a story on the cloud, through proxies with faults."""
        with self._through(faults):
            line = ("--cloud", self.cloud.name, "--workers", 1, "--results", self.folder / "results")
            return command("run", f"{story}::*", *line)

    def findings(self) -> dict[str, dict[str, Any]]:
        """The first finding of each step that failed, by the step's name."""
        lines = (self.folder / "results" / "results.jsonl").read_text(encoding="utf-8").splitlines()
        failed = [one for one in map(json.loads, lines) if one["outcome"] == "failed"]
        return {one["id"].partition("::")[2].partition("@")[0]: one["findings"][0] for one in failed}

    def refuses(self, gate: str, need: str, remedy: str, **faults: Sequence[Fault]) -> None:
        """Hold that the gate's check and its run end with 3, name a need that is missing, and say how to meet it."""
        line = (gate, "--cloud", self.cloud.name)
        with self._through(faults):
            checked = command("gate", "check", *line)
            ended = command("gate", "run", *line, "--results", self.folder / "gate")
        assert (checked.code, ended.code) == (3, 3)
        assert f"missing  {need}" in checked.out
        assert f"missing  {need}" in ended.err
        assert remedy in ended.err

    def _through(self, faults: Mapping[str, Sequence[Fault]]) -> AbstractContextManager[object]:
        return before(Path(self.cloud.clouds_yaml), self.folder, **faults)

    def stop(self, host: str) -> None:
        """Stop a compute host and tell nova, as whoever fences it does: else it takes nova a minute to see."""
        self.stopped.append(host)
        embedded.compute(self.cloud.name, host, "stop")
        self._fence(host, down=True)

    def restore(self) -> None:
        """Start what was stopped."""
        for host in self.stopped:
            embedded.compute(self.cloud.name, host, "start")
            self._fence(host, down=False)

    def _fence(self, host: str, *, down: bool) -> None:
        [service] = self.admin.compute.services(binary="nova-compute", host=host)
        path, version = f"/os-services/{service.id}", {"microversion": "2.53"}
        self.admin.compute.put(path, json={"forced_down": down}, **version).raise_for_status()

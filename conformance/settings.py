"""What a run was asked for, written down once so that every worker does the same. Layer 3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import attrs

from conformance.client import Client
from conformance.known import KnownDepartures, ours
from conformance.known import load as load_known
from conformance.ledger import Ledger, folder
from conformance.microversion import Span
from conformance.outline import Depth
from conformance.plan import Performance, plan
from conformance.recording import Recorder, part
from conformance.stage import Stage
from conformance.suite import Suite, load
from conformance.sweep import Sweeper


@attrs.frozen
class Settings:
    """One run: data, cloud and personas, its microversions, those that the cloud has, and which cases are wanted.

    ``missing`` gives, by the name of a need, the reason why stories that have it can't be performed on this cloud.
    ``slow`` says how many times as long as a story says a wait may take; ``gate`` is the one whose stories run, if any.
    ``near`` are the microversions of one service at which every step is asked.
    """

    data: Path
    results: Path
    cloud: str
    personas: Mapping[str, str]
    spans: Mapping[str, Span]
    bounds: Mapping[str, Span]
    wanted: frozenset[str]
    run: str
    known: tuple[Path, ...] = ()
    missing: Mapping[str, str] = attrs.field(factory=dict)
    every: bool = False
    negatives: bool = False
    lenient: bool = False
    record: Path | None = None
    subunit: Path | None = None
    patience: float = 60.0
    gate: str = ""
    slow: float = 1.0
    near: Span | None = None

    def write(self, path: Path) -> None:
        """Put it where ``read`` finds it; the file has no secret."""
        plain = {
            **attrs.asdict(self, recurse=False),
            "data": str(self.data),
            "results": str(self.results),
            "personas": dict(self.personas),
            "missing": dict(self.missing),
            "spans": {service: str(span) for service, span in self.spans.items()},
            "bounds": {service: str(span) for service, span in self.bounds.items()},
            "wanted": sorted(self.wanted),
            "known": [str(path) for path in self.known],
            "record": str(self.record) if self.record else None,
            "subunit": str(self.subunit) if self.subunit else None,
            "near": self.near and str(self.near),
        }
        path.write_text(json.dumps(plain, indent=2), encoding="utf-8")

    def suite(self) -> Suite:
        """The data that the run uses."""
        return load(self.data)

    def plan(self, suite: Suite) -> list[Performance]:
        """The performances within the spans of the services that the run has."""
        gate = suite.gates[self.gate] if self.gate else None
        known = [story for story in suite.library.stories if story.service in self.spans]
        stories = [story for story in known if gate is None or gate.has(story)]
        depth = Depth(self.every, self.negatives, near=self.near)
        return plan(stories, suite.services, self.spans, depth=depth, bounds=self.bounds)

    def known_departures(self, suite: Suite) -> KnownDepartures:
        """What is known of the released services, and what the user knows of the cloud."""
        return load_known([*ours(self.data / "schemas"), *self.known], suite.services)

    def stage(self, suite: Suite, worker: str) -> Stage:
        """The stage of one worker, with a ledger of its own."""
        client, run = self.client(), f"{self.run}-{worker}"
        recorder = Recorder(client, part(self.results, worker), worker) if self.record else None
        return Stage(
            client=recorder or client,
            services=suite.services,
            spans=self.spans,
            bounds=self.bounds,
            library=suite.library,
            ledger=Ledger(folder(self.cloud) / f"{run}.jsonl"),
            sweeper=Sweeper(recorder or client, self.bounds),
            run=run,
            known=self.known_departures(suite),
            lenient=self.lenient,
            slow=self.slow,
            recorder=recorder,
        )

    def client(self) -> Client:
        """The cloud as the run's personas."""
        return Client(self.personas, self.patience)


def read(path: Path) -> Settings:
    """The settings that ``write`` put there."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    return Settings(
        data=Path(plain["data"]),
        results=Path(plain["results"]),
        cloud=plain["cloud"],
        personas=plain["personas"],
        spans={service: Span.parse(text) for service, text in plain["spans"].items()},
        bounds={service: Span.parse(text) for service, text in plain["bounds"].items()},
        wanted=frozenset(plain["wanted"]),
        run=plain["run"],
        known=tuple(map(Path, plain["known"])),
        missing=plain["missing"],
        every=plain["every"],
        negatives=plain["negatives"],
        lenient=plain["lenient"],
        record=Path(plain["record"]) if plain["record"] else None,
        subunit=Path(plain["subunit"]) if plain["subunit"] else None,
        patience=plain["patience"],
        gate=plain["gate"],
        slow=plain["slow"],
        near=Span.parse(plain["near"]) if plain["near"] else None,
    )

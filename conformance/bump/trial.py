"""A draft and its story tried before they are handed over, in a copy of the data. Layer 3."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs

from conformance.bump.steps import Shown, written
from conformance.microversion import Microversion, Span
from conformance.settings import Settings
from conformance.suite import load


@attrs.frozen
class Tried:
    """The steps that hold, and in words why the others don't."""

    steps: tuple[Shown, ...]
    failures: tuple[str, ...]


def story_name(version: Microversion) -> str:
    """``begins-at-2-105``."""
    return f"begins-at-{str(version).replace('.', '-')}"


def attempt(settings: Settings, service: str, version: Microversion, delta: str, shown: Sequence[Shown]) -> Tried:
    """Load the data with the draft, and perform its story on both sides; DataError if the data don't load."""
    with tempfile.TemporaryDirectory(prefix="conformance-bump-") as name:
        data = Path(name)
        for part in ("schemas", "scenarios", "gates"):
            if (settings.data / part).is_dir():
                shutil.copytree(settings.data / part, data / part)
        (data / "schemas" / service / f"{version}.yaml").write_text(delta, encoding="utf-8")
        story = written(version, shown)
        if story:
            (data / "scenarios" / service / f"{story_name(version)}.yaml").write_text(story, encoding="utf-8")
        spans = {service: Span(version.before, version)}
        failures = _failures(attrs.evolve(settings, data=data, spans=spans), version, story=bool(story))
    broken = {step for step, _ in failures}
    return Tried(
        tuple(one for one in shown if one.name not in broken), tuple(dict.fromkeys(f"{a}: {b}" for a, b in failures))
    )


def _failures(settings: Settings, version: Microversion, *, story: bool) -> list[tuple[str, str]]:
    """The steps of the drafted story that didn't show what the draft says, and why."""
    suite = settings.suite()
    load.cache_clear()  # the copy is gone soon
    performances = [one for one in settings.plan(suite) if one.story.name == story_name(version)] if story else []
    stage = settings.stage(suite, "trial")
    failures = []
    try:
        for performance in performances:
            reason = stage.enter(performance.story)
            for outcome in stage.perform(performance, {case.id for case in performance}, reason):
                if outcome.outcome not in ("passed", "known"):
                    first = outcome.findings[0] if outcome.findings else None
                    words = f"expected {first.expected}, seen {first.seen}" if first else outcome.reason
                    failures.append((outcome.case.step, f"@{outcome.case.microversion} {words}"))
            stage.exit(performance.story)
    finally:
        stage.leave()
    return failures

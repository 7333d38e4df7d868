"""A look at a microversion from beginning to end: observed, explored, drafted, tried. Layer 3."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs

from conformance.bump import steps, words
from conformance.bump.asking import explore
from conformance.bump.drafting import Draft, draft
from conformance.bump.paragraph import summary
from conformance.bump.performing import Attempt
from conformance.bump.requests import declared_changes
from conformance.bump.sighting import Asked, Sightings
from conformance.bump.text import written
from conformance.bump.trial import Tried, attempt
from conformance.edition import Edition
from conformance.reading import read
from conformance.story import Kind
from conformance.suite import Suite

NO_SUMMARY = "Say in one sentence what this microversion changed."


@attrs.frozen(slots=False)
class Bump:
    """What was seen of a microversion, and what follows from it; ``said`` is what the service's own history says."""

    attempt: Attempt
    suite: Suite
    sightings: Sightings
    asked: Asked
    said: str = ""

    @classmethod
    def of(cls, look: Attempt, suite: Suite, said: str) -> Bump:
        """Look at it: perform the stories, and ask what else there is to ask."""
        sightings = look.observe()
        return cls(look, suite, sightings, explore(look, sightings), said)

    @property
    def edition(self) -> Edition:
        """What is known just below."""
        return self.attempt.documents.history.at(self.attempt.version.before)

    @cached_property
    def draft(self) -> Draft:
        """The delta."""
        return draft(self.edition, self.sightings, self.asked, summary(self.said) or NO_SUMMARY)

    @cached_property
    def text(self) -> str:
        """The delta's file."""
        return written(self.draft, "\n".join(self._heading()))

    @cached_property
    def tried(self) -> Tried:
        """The story, tried where the microversion is new to the data; else as it was asked."""
        shown = tuple(self._shown())
        service, version = self.attempt.service, self.attempt.version
        if version in self.suite.services[service].history.span:
            return Tried(shown, ())
        return attempt(self.attempt.settings, service, version, self.text, shown)

    @cached_property
    def observed(self) -> list[words.Observed]:
        """What changed, call by call."""
        return words.observed(words.drafted_documents(self.attempt.documents, self.draft), self.sightings)

    @cached_property
    def unseen(self) -> list[str]:
        """What could not be seen, of what was looked at."""
        look = self.attempt
        never = () if look.cases else words.unasked(look.documents, self.sightings)
        return [*words.unseen(self.sightings, self.asked, self.draft), *never, *self.tried.failures]

    def _shown(self) -> Iterator[steps.Shown]:
        entries = read(self.attempt.settings.data / "scenarios" / "kinds.yaml", "kinds")
        kinds = {name: Kind(**entry) for name, entry in entries.items()}
        changes = [one for part in ("takes", "query") for one in declared_changes(self.edition, self.sightings, part)]
        yield from steps.calls(self.asked)
        yield from steps.keys(self.suite.library, self.sightings, changes, kinds)

    def _heading(self) -> Iterator[str]:
        seen = len(self.sightings.listed)
        yield f"Drafted by 'conformance bump {self.attempt.service} {self.attempt.version}' from {seen} answers."
        yield "Read each line, above all where it says that it is a guess; then take these remarks out."
        yield "Which keys change by themselves from one read to the next (volatile) was not seen: say that yourself."
        if self.said:
            yield ""
            yield "The service's own version history says:"
            yield from (f"  {line}" for line in self.said.splitlines())

    def plain(self) -> dict[str, Any]:
        """All of it for machines."""
        return {
            "service": self.attempt.service,
            "microversion": str(self.attempt.version),
            "answers": len(self.sightings.listed),
            "delta": self.draft.delta,
            "remarks": {"/".join(path): remarks for path, remarks in self.draft.remarks.items()},
            "observed": [{**attrs.asdict(one.difference), "diff": one.diff} for one in self.observed],
            "unseen": self.unseen,
            "file": self.text,
            "story": steps.written(self.attempt.version, self.tried.steps),
        }

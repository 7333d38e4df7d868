"""What was seen while something was waited for: states must follow each other as their machine says. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import attrs

from conformance import pointer
from conformance.claim import Claim
from conformance.exchange import Exchange, Finding

Machine = Mapping[str, Collection[str]]


@attrs.define
class Trail:
    """The states seen at each pointer, in their order, each once in a row; ``machines`` say which may follow which."""

    machines: Mapping[str, Machine]
    _seen: dict[str, list[str]] = attrs.field(factory=dict)

    def step(self, exchange: Exchange) -> None:
        """Take what an exchange shows; one that isn't JSON shows nothing."""
        shown = exchange.response.shown if self.machines else None
        for where in self.machines:
            states = self._seen.setdefault(where, [])
            found = pointer.look(shown, where)
            if found and found[0] is not None and states[-1:] != [str(found[0])]:
                states.append(str(found[0]))

    def findings(self, claim: Claim) -> Iterator[Finding]:
        """A finding for each state that can't come after the one before it, or that the machine doesn't have."""
        for where, states in self._seen.items():
            machine = self.machines[where]
            for before, after in zip(["", *states], states, strict=False):
                legal = reachable(machine, before) if before else set(machine)
                if after not in legal:
                    yield _finding(claim, where, f"{' or '.join(sorted(legal)) or 'nothing'}", before, after)


def reachable(machine: Machine, state: str) -> set[str]:
    """The states that may come after one, over however many steps: polling misses some."""
    found: set[str] = set()
    rest = [state]
    while rest:
        fresh = set(machine.get(rest.pop(), ())) - found
        found |= fresh
        rest += fresh
    return found


def _finding(claim: Claim, where: str, legal: str, before: str, after: str) -> Finding:
    expected = f"{legal} after {before}" if before else legal
    remedy = f"The story says so: {claim.where}; scenarios/states.yaml has which state may follow which."
    return Finding("transition", claim.service, claim.call, str(claim.version), where, expected, after, remedy)

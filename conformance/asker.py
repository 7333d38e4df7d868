"""Asks one thing: over the client, into the ledger, before the judge. Layer 3."""

from __future__ import annotations

import time

import attrs
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance import expectations, pages, pointer
from conformance.claim import Claim
from conformance.client import Sender
from conformance.conversation import Ask, Made
from conformance.exchange import Exchange, Request, Response
from conformance.ledger import Entry, Ledger
from conformance.moments import Moments
from conformance.recording import Recorder
from conformance.trail import Trail
from conformance.verdict import Critic, Reads, Verdict

NO_MOMENTS = Moments({})
_GROWING = wait_exponential(multiplier=0.03, max=0.5)


@attrs.frozen
class Asker:
    """Asks the cloud what a conversation of a ``title`` wants to know, and has the critic judge the answers.

    A wait may take ``slow`` times as long as claimed.
    """

    client: Sender
    critic: Critic
    ledger: Ledger
    slow: float = 1.0
    title: str = ""
    recorder: Recorder | None = None

    def __attrs_post_init__(self) -> None:
        if self.recorder:
            self.recorder.page(self.title)

    def ask(self, ask: Ask, reads: Reads, moments: Moments = NO_MOMENTS) -> tuple[Exchange, Verdict, float]:
        """The exchange, the verdict on it, and the seconds it took; ``reads`` are those of the performance.

        ``moments`` take what is seen when.
        """
        number = self.ledger.intend(_entry(ask.makes)) if ask.makes else 0
        claim, trail = attrs.evolve(ask.claim, within=ask.claim.within * self.slow), Trail(ask.claim.follows)
        exchange, waited = (
            self._wait(ask, claim, trail, moments) if claim.until is not None else self._once(ask, moments)
        )
        self._book(ask, exchange, number)
        self._hold(claim, ask)
        verdict = self.critic.verdict(claim, exchange, reads, self._again)
        if claim.pages and not claim.stray and not verdict.findings:
            exchange, verdict = self._turn(ask, claim, exchange, verdict)
        verdict = attrs.evolve(verdict, findings=(*verdict.findings, *trail.findings(claim)))
        return exchange, verdict, waited or exchange.response.seconds

    def _hold(self, claim: Claim, ask: Ask) -> None:
        """Have it recorded what the last exchange is held against."""
        if self.recorder:
            self.recorder.held(claim, ask.case.id if ask.case else self.title)

    def _again(self, request: Request) -> Exchange:
        """Make a read once more."""
        exchange = self.client.send(request)
        if self.recorder:
            self.recorder.second_look()
        return exchange

    def _once(self, ask: Ask, moments: Moments) -> tuple[Exchange, float]:
        moments.see(exchange := self.client.send(ask.request), time.time())
        return exchange, 0.0

    def _wait(self, ask: Ask, claim: Claim, trail: Trail, moments: Moments) -> tuple[Exchange, float]:
        """Ask until it has come, is in vain, or the time is up: the last exchange and the seconds."""
        retrying = Retrying(
            stop=stop_after_delay(claim.within),
            wait=_pause,
            retry=retry_if_result(lambda exchange: not expectations.over(claim.until, exchange)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

        def send(request: Request) -> Exchange:
            trail.step(exchange := self.client.send(request))
            moments.see(exchange, time.time())
            return exchange

        exchange: Exchange = retrying(send, ask.request)
        return exchange, float(retrying.statistics.get("delay_since_first_attempt", 0))

    def _turn(self, ask: Ask, claim: Claim, first: Exchange, verdict: Verdict) -> tuple[Exchange, Verdict]:
        """Read on, page by page: the page at fault with what is wrong there, or the first one with its verdict."""
        if first.response.status >= 300:
            return first, verdict
        turning, page = pages.turn(claim.pages, first.request, first.response.data), first
        plain = attrs.evolve(claim, pages={}, expect={}, has=(), lacks=(), keep=(), swept=False)
        try:
            request = next(turning)
            while True:
                page = self.client.send(request)
                self._hold(plain, ask)
                found = self.critic.verdict(plain, page, {}, self.client.send)
                if found.findings:
                    return page, found
                request = turning.send(page.response.data)
        except StopIteration as end:
            return (page, Verdict((pages.finding(claim, end.value),))) if end.value else (first, verdict)

    def _book(self, ask: Ask, exchange: Exchange, number: int) -> None:
        """Tell the ledger what came of it."""
        response = exchange.response
        if ask.makes and response.status >= 400:
            self.ledger.gone(number)
        elif ask.makes and 200 <= response.status < 300:
            self.ledger.made(number, _path_of(ask.makes, exchange))
        elif _removed(ask, response):
            self.ledger.gone_at(ask.request.path.partition("?")[0])


def _pause(state: RetryCallState) -> float:
    """Seconds until it is asked again: more each time, and twice as long as the last answer took, up to a second.

    Whoever asks more often keeps a busy cloud from doing what they wait for.
    """
    last: Response = state.outcome.result().response if state.outcome else Response(0)
    return max(_GROWING(state), min(2 * last.seconds, 1.0))


def _entry(made: Made) -> Entry:
    kind = made.kind
    return Entry(
        kind.service,
        made.path,
        made.name,
        template=kind.path,
        find=dict(kind.find),
        within=kind.within,
        remove=dict(made.remove),
        release=dict(kind.release),
    )


def _path_of(made: Made, exchange: Exchange) -> str:
    try:
        found = pointer.look(exchange.response.data, made.kind.id) if made.kind.id else ()
    except ValueError:
        found = ()
    return made.kind.path.replace("$id", str(found[0])) if found else made.path


def _removed(ask: Ask, response: Response) -> bool:
    """Whether an answer shows that what was asked for is gone."""
    if ask.claim.until == "gone":
        return response.status == 404
    return ask.request.method == "DELETE" and 200 <= response.status < 300

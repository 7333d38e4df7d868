"""Asks one thing: over the client, into the ledger, before the judge. Layer 3."""

from __future__ import annotations

import attrs
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance import expectations, pointer
from conformance.client import Sender
from conformance.conversation import Ask, Made
from conformance.exchange import Exchange, Request, Response
from conformance.ledger import Entry, Ledger
from conformance.recording import Recorder
from conformance.verdict import Critic, Reads, Verdict


@attrs.frozen
class Asker:
    """Asks the cloud what a conversation of a ``title`` wants to know, and has the critic judge the answers."""

    client: Sender
    critic: Critic
    ledger: Ledger
    title: str = ""
    recorder: Recorder | None = None

    def __attrs_post_init__(self) -> None:
        if self.recorder:
            self.recorder.page(self.title)

    def ask(self, ask: Ask, reads: Reads) -> tuple[Exchange, Verdict, float]:
        """The exchange, the verdict on it, and the seconds it took; ``reads`` are those of the performance."""
        number = self.ledger.intend(_entry(ask.makes)) if ask.makes else 0
        exchange, waited = self._wait(ask) if ask.claim.until is not None else (self.client.send(ask.request), 0)
        self._book(ask, exchange, number)
        if self.recorder:
            self.recorder.held(ask.claim, ask.case.id if ask.case else self.title)
        verdict = self.critic.verdict(ask.claim, exchange, reads, self._again)
        return exchange, verdict, waited or exchange.response.seconds

    def _again(self, request: Request) -> Exchange:
        """Make a read once more."""
        exchange = self.client.send(request)
        if self.recorder:
            self.recorder.second_look()
        return exchange

    def _wait(self, ask: Ask) -> tuple[Exchange, float]:
        """Ask until it has come, is in vain, or the time is up: the last exchange and the seconds."""
        until = ask.claim.until
        retrying = Retrying(
            stop=stop_after_delay(ask.claim.within),
            wait=wait_exponential(multiplier=0.03, max=0.5),
            retry=retry_if_result(lambda exchange: not expectations.over(until, exchange)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        exchange: Exchange = retrying(self.client.send, ask.request)
        return exchange, float(retrying.statistics.get("delay_since_first_attempt", 0))

    def _book(self, ask: Ask, exchange: Exchange, number: int) -> None:
        """Tell the ledger what came of it."""
        response = exchange.response
        if ask.makes and response.status >= 400:
            self.ledger.gone(number)
        elif ask.makes and 200 <= response.status < 300:
            self.ledger.made(number, _path_of(ask.makes, exchange))
        elif _removed(ask, response):
            self.ledger.gone_at(ask.request.path.partition("?")[0])


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

"""``conformance bump --prove``: a microversion proved, and that nothing older moved with it. Layer 4."""

from __future__ import annotations

import attrs
import click

from conformance.bump.proof import Proof
from conformance.commands.booting import booted
from conformance.commands.performing import perform
from conformance.commands.settling import Wishes, chosen_cases, settle
from conformance.errors import CloudError, UsageError
from conformance.microversion import Microversion, Span
from conformance.report import results
from conformance.suite import load


def prove(wishes: Wishes, service: str, version: Microversion) -> int:
    """Run both sides of what a microversion changes, every read beside its neighbour, and all older ones; exit code.

    The older ones are asked at default depth. The verdict comes last.
    """
    suite = load(wishes.data.resolve())
    documents = suite.services[service]
    if version not in documents.history.span or version == documents.history.span.first:
        remedy = f"'conformance bump {service} {version}' drafts it; {service} has {documents.history.span}."
        raise UsageError(f"no delta of {service} {version} to prove", str(wishes.data / "schemas" / service), remedy)
    span = Span(documents.history.span.first, version)
    with booted(attrs.evolve(wishes, spans=(f"{service}={span}",)), [service]) as entry:
        settings = settle(attrs.evolve(wishes, spans=(f"{service}={span}",)), suite, [service], entry)
        if version not in settings.spans[service]:
            remedy = "Boot the checkout that has it, with --source, or name another cloud."
            raise CloudError(f"{service} has {settings.bounds[service]}, not {version}", f"cloud {entry}", remedy)
        settings = chosen_cases(attrs.evolve(settings, near=Span(version.before, version)), suite, wishes.cases)
        code = perform(settings, wishes.workers)
    file = settings.results / "results.jsonl"
    proof = Proof(
        documents=documents,
        version=version,
        performances=tuple(settings.plan(suite)),
        records=tuple(results.read(file)) if file.exists() else (),
        wanted=settings.wanted,
        unreachable=suite.unreachable[service],
    )
    click.echo("\n" + "\n".join(proof.lines()))
    return code or (0 if proof.holds else 1)

"""A case's outcome for Allure: one history per cell, labels to find it by, and what was said. Layer 3."""

from __future__ import annotations

import allure

from conformance.report import redaction
from conformance.report.exchanges import ATTACHMENT
from conformance.stage import Outcome


def tell(outcome: Outcome) -> None:
    """Label the running test and attach its exchange, redacted."""
    case = outcome.case
    allure.dynamic.title(case.id)
    allure.dynamic.epic(case.service)
    allure.dynamic.feature(case.call)
    allure.dynamic.story(f"{case.service}/{case.story}")
    for label, value in (("service", case.service), ("call", case.call), ("microversion", str(case.microversion))):
        allure.dynamic.label(label, value)
    if outcome.exchange:
        said = f"{redaction.request_text(outcome.exchange)}\n\n{redaction.response_text(outcome.exchange)}"
        allure.attach(said, ATTACHMENT, allure.attachment_type.TEXT)
    for kind, findings in (("finding", outcome.findings), ("warning", outcome.warnings)):
        for finding in findings:
            allure.attach(redaction.text(str(finding)), f"{kind}: {finding.code}", allure.attachment_type.TEXT)

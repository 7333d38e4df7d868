"""Each OpenAPI document of each service: some minutes, so ``tox -e openapi`` runs it and no other run does."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.microversion import Microversion
from conformance.openapi import openapi
from tests.helpers import real
from tests.openapi_documents import losses

EVERY = [(service, version) for service, one in real().services.items() for version in one.history.span]


@pytest.mark.parametrize(("service", "version"), EVERY, ids=str)
def test_every_document(service: str, version: Microversion) -> None:
    """It is valid to a validator that others wrote, and nothing of the history is lost in it."""
    folded = real().services[service]
    document = openapi(folded, version)
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert list(losses(folded, document, version)) == []

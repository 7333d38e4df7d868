"""Errors are records: equal by kind and fields, and readable."""

from __future__ import annotations

import pytest

from conformance.errors import CloudError, ConformanceError, DataError, UsageError


def test_text_names_place_fault_and_remedy() -> None:
    """An error reads as its place, the fault, and on a line of its own what to do."""
    assert str(DataError("is empty", "a.yaml", "Fill it.")) == "a.yaml: is empty\n  Fill it."
    assert str(UsageError("is empty")) == "is empty"


def test_equality_is_by_kind_and_fields() -> None:
    """Two errors are equal when their kind and all their fields are."""
    assert DataError("a", "b", "c") == DataError("a", "b", "c")
    assert hash(DataError("a", "b", "c")) == hash(DataError("a", "b", "c"))
    assert DataError("a", "b", "c") != DataError("a", "b", "d")
    assert DataError("a") != UsageError("a")


@pytest.mark.parametrize(("kind", "code"), [(UsageError, 2), (DataError, 2), (CloudError, 3)])
def test_exit_codes(kind: type[ConformanceError], code: int) -> None:
    """Wrong usage and wrong data end the command with 2, a cloud that can't be used with 3."""
    assert kind("what").exit_code == code


def test_an_error_can_be_raised_through_frames() -> None:
    """A frozen error can be raised, caught and raised again as any other exception."""
    with pytest.raises(DataError) as caught:
        raise DataError("once") from ValueError("cause")
    with pytest.raises(DataError) as again:
        raise caught.value
    assert again.value == DataError("once")

"""A number that too many documents carry is a question for a person, never a second claim."""

from __future__ import annotations

from pathlib import Path

import pytest

import medcollect
from medcollect.bookkeeping import closure

SAMPLES = Path(__file__).parents[2] / "edi_samples"


def test_a_number_on_too_many_payments_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit payments wait; the claims opened before keep their figures."""
    monkeypatch.setattr(closure, "_NUMBER_SHARED_MOST", 3)
    era = (SAMPLES / "06-835-zero-payment-all-deductible.edi").read_text()
    trace = era.split("TRN*1*", 1)[1].split("*", 1)[0]
    for number in range(6):
        (tmp_path / f"{number}.edi").write_text(era.replace(trace, f"{trace}{number}"))
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files([tmp_path / f"{number}.edi" for number in range(6)])

        rows = book.report("claims")["rows"]
        numbers = [row["patient_control_number"] for row in rows]
        kinds = {row["kind"] for row in book.exceptions()["exceptions"]}

    assert len(numbers) == len(set(numbers))
    assert "number_too_common" in kinds

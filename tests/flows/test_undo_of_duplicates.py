"""Undo of an import whose files came again: the money stands from the later import, and says so."""

from __future__ import annotations

from pathlib import Path

import medcollect

SAMPLES = Path(__file__).parents[2] / "edi_samples"
FILE = SAMPLES / "05-835-commercial-copay-and-deductible.edi"


def test_undo_names_the_import_that_the_files_stand_from(tmp_path: Path) -> None:
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files([FILE])
        book.import_files([FILE])
        before = book.report("claims")["totals"]

        first = book.undo("I000001")
        assert first["stands_from"] == ["I000002"]
        assert book.report("claims")["totals"] == before

        second = book.undo("I000002")
        assert second["stands_from"] == []
        assert book.report("claims")["rows"] == []

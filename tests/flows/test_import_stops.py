"""An import that breaks off says what of it stays, and a second run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event

import medcollect
from medcollect.errors import ImportStopped

SAMPLES = Path(__file__).parents[2] / "edi_samples"


def test_a_full_disk_in_the_middle_names_the_import(tmp_path: Path) -> None:
    """Whole remittances stay under the import's name; with room again the rest comes in."""
    era = (SAMPLES / "06-835-zero-payment-all-deductible.edi").read_text()
    trace = era.split("TRN*1*", 1)[1].split("*", 1)[0]
    for number in range(200):
        (tmp_path / f"{number:03d}.edi").write_text(era.replace(trace, f"{trace}{number}"))
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        engine = book._store.engine
        used = engine.connect().exec_driver_sql("PRAGMA page_count").scalar()
        engine.dispose()

        def limit(connection: object, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {used + 60}")

        event.listen(engine, "connect", limit)
        with pytest.raises(ImportStopped, match="I000001") as stopped:
            book.import_files([tmp_path])
        event.remove(engine, "connect", limit)
        engine.dispose()

        kept = len(book.remittances(limit=500)["remittances"])
        again = book.import_files([tmp_path])

    assert stopped.value.import_id == "I000001"
    assert 0 < kept < 200
    assert again["remittances"] == 200 - kept

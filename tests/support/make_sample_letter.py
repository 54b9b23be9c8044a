"""Writes the letter that docs/letters.md shows: ``python -m tests.support.make_sample_letter``.

The case is CH2007 of the sample month; every person in it is invented.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2

import medcollect

PROJECT = Path(__file__).parents[2]
PDF = PROJECT / "docs" / "letter-sample.pdf"
PICTURE = PROJECT / "docs" / "letter-sample.png"
_MONTH = ("01-837p-january-visits-commercial.edi", "07-835-denials-of-every-category.edi")
_DAY = date(2026, 3, 2)
_SETTINGS = """\
[letters]
fax = "319-555-0143"
[[letters.payers]]
payer = "PLAINFIELD*"
address = ["PO Box 100", "Des Moines, IA 50309"]
fax = "515-555-0111"
"""


def sample_letter() -> bytes:
    """The letter as a PDF."""
    with TemporaryDirectory() as folder:
        Path(folder, "medcollect.toml").write_text(_SETTINGS, encoding="utf-8")
        with medcollect.open_book(f"sqlite:///{folder}/book.db") as book:
            book.import_files([PROJECT / "edi_samples" / name for name in _MONTH])
            denials = book.denials(category="medical_necessity")["denials"]
            return book.letter_file(denials[0]["id"], day=_DAY)


def main() -> None:
    """Write the letter, and its second page as a picture."""
    PDF.write_bytes(sample_letter())
    page = pypdfium2.PdfDocument(PDF)[1]
    picture = page.render(scale=1.25, grayscale=False).to_pil()
    picture.convert("P", palette=1, colors=32).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()

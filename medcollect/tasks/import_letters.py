"""The part of an import that takes in acknowledgements, status and eligibility."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa

from medcollect.bookkeeping.letter_intake import LetterIntake
from medcollect.bookkeeping.scan import FindingList
from medcollect.files import InputFile
from medcollect.x12 import life_documents


class LetterImport:
    """What one file holds besides remittances and claims, and what became of it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.complete = True

    @property
    def fresh(self) -> int:
        """How many of its transactions were not on file."""
        return self.counts["transactions"] - self.counts["duplicates"]

    def run(
        self,
        entry: InputFile,
        findings: FindingList,
        writing: Callable[[], AbstractContextManager[sa.Connection]],
        new_intake: Callable[[sa.Connection], LetterIntake],
        end: Callable[[sa.Connection], None],
    ) -> None:
        """Take the file in, each batch in one database transaction; ``end`` closes the last."""
        more = True
        with entry.open() as stream:
            documents = life_documents(stream)
            while more:
                with writing() as connection:
                    intake = new_intake(connection)
                    more = intake.take(documents)
                    self.counts += intake.counts
                    self.complete &= intake.complete
                    findings.add_told_again(intake.findings)
                    if not more:
                        end(connection)

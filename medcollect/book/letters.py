"""The part of the Python door for letters about denials."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medcollect.book.opened import OpenedBook

if TYPE_CHECKING:
    from medcollect.tasks.letters import LetterOrder

Document = dict[str, Any]


class LetterVerbs(OpenedBook):
    """Letters of an open book; ``templates`` is a folder with the office's own templates."""

    def letter(self, denial: str, to: str | Path | None = None, **options: Any) -> Document:
        """What the letter about a denial says and what is left to fill in; written where ``to`` is.

        The ending of ``to`` says the format: pdf or docx. Options: ``level``, ``templates``,
        ``anyway``, ``day``, ``decided`` (the day of the decision on the level before).
        """
        from medcollect.tasks.letters import preview_letter, write_letter  # noqa: PLC0415

        order = self._order(**options)
        if to is None:
            return preview_letter(self._store, denial, order)
        return write_letter(self._store, denial, Path(to), order)

    def letter_file(self, denial: str, form: str = "pdf", **options: Any) -> bytes:
        """The letter about a denial as ``pdf`` or ``docx``; options as of ``letter``."""
        from medcollect.tasks.letters import letter_file  # noqa: PLC0415

        return letter_file(self._store, denial, form, self._order(**options))

    def letters(
        self,
        *,
        payer: str | None = None,
        category: str | None = None,
        minimum: str | None = None,
        limit: int | None = None,
        to: str | Path | None = None,
        form: str = "pdf",
        dry_run: bool = False,
        **options: Any,
    ) -> Document:
        """Letters for all open denials that the filters keep; ``dry_run`` only lists them."""
        from medcollect.tasks.denial_queries import DenialFilter  # noqa: PLC0415
        from medcollect.tasks.letters import write_letters  # noqa: PLC0415

        return write_letters(
            self._store,
            DenialFilter(payer, category, "open", minimum),
            self._order(**options),
            to=Path(to) if to is not None else None,
            form=form,
            limit=limit,
            dry_run=dry_run,
        )

    def letter_sent(
        self,
        denial: str,
        *,
        means: str,
        file: str | Path | None = None,
        attachments: Iterable[str | Path] = (),
        reason: str = "",
        user: str,
        **told: Any,
    ) -> Document:
        """Enter that a letter about a denial went out: how, when, with which proof.

        The case takes the step that the letter means, and keeps ``attachments``: the letter as it
        went out, its exhibits. Besides: ``level``, ``tracking``,
        ``sent_on``, ``step`` (appeal, or correct) and ``follow_up``, the day it waits for.
        """
        from medcollect.tasks.attachments import NewFile, read_files  # noqa: PLC0415
        from medcollect.tasks.letter_log import Mailing, letter_sent  # noqa: PLC0415

        held = Path(file) if file is not None else None
        limit = self._settings().attachment_limit_bytes
        exhibits = read_files(NewFile.all_of(attachments), limit)
        mailing = Mailing(means=means, file=held, exhibits=tuple(exhibits), **told)
        return letter_sent(self._store, denial, mailing, reason=reason, user=user)

    def _order(
        self,
        *,
        level: str | None = None,
        templates: str | Path | None = None,
        anyway: bool = False,
        day: date | None = None,
        decided: date | None = None,
    ) -> LetterOrder:
        from medcollect.tasks.letters import LetterOrder  # noqa: PLC0415

        return LetterOrder(
            level=level,
            templates=str(templates) if templates else None,
            office=self._settings().letters,
            anyway=anyway,
            day=day,
            decided=decided,
        )


def write_letter_templates(to: str | Path) -> Document:
    """Write the templates of letters to a folder, for the office to edit."""
    from medcollect.letters import write_templates  # noqa: PLC0415

    return {"folder": str(to), "files": write_templates(Path(to))}

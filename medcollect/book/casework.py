"""The part of the Python door for the work on denials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medcollect.book.opened import OpenedBook

if TYPE_CHECKING:
    from medcollect.tasks.attachments import NewFile

Document = dict[str, Any]


class CaseVerbs(OpenedBook):
    """Looking at denials one by one, and working them."""

    def denial(self, identifier: str, *, as_of: date | None = None) -> Document:
        """Everything on one denial: why, every limit, what happened, where it stands."""
        from medcollect.tasks.case_view import view_denial  # noqa: PLC0415

        return view_denial(self._store, identifier, today=as_of)

    def work_denial(
        self,
        identifier: str,
        step: str,
        *,
        attachments: Iterable[str | Path] = (),
        reason: str = "",
        user: str,
        **told: Any,
    ) -> Document:
        """Enter a step: take, release, assign, note, wait, correct, appeal, outcome, write_off ...

        What goes with it are the fields of ``medcollect.tasks.casework.Wish``: ``owner``,
        ``waiting_for``, ``until``, ``follow_up``, ``level``, ``reference``, ``result``, ``amount``,
        ``write_off``, ``day``, ``minutes``, ``version``.
        """
        from medcollect.tasks.attachments import NewFile  # noqa: PLC0415

        return self._work(
            identifier, step, NewFile.all_of(attachments), {"reason": reason, "user": user}, **told
        )

    def attach(
        self,
        identifier: str,
        file: str | Path,
        *,
        content_type: str = "",
        reference: str = "",
        reason: str = "",
        user: str,
    ) -> Document:
        """Keep a file with a denial, as a note; answers as ``attachments``."""
        from medcollect.tasks.attachments import NewFile  # noqa: PLC0415

        files = (NewFile(Path(file), content_type),)
        self._work(identifier, "note", files, {"reason": reason, "user": user}, reference=reference)
        return self.attachments(identifier)

    def attachments(self, identifier: str) -> Document:
        """The files that go with a denial, each with its id (``W000003-1``)."""
        from medcollect.tasks.attachments import list_attachments  # noqa: PLC0415

        return list_attachments(self._store, identifier)

    def attachment(self, identifier: str, to: str | Path | None = None) -> Document:
        """What is on record of a file (``W000003-1``); written where ``to`` is.

        Into a folder it goes under its own name.
        """
        from medcollect.tasks.attachments import save_attachment, show_attachment  # noqa: PLC0415

        if to is None:
            return show_attachment(self._store, identifier)
        return save_attachment(self._store, identifier, Path(to))

    def attachment_file(self, identifier: str) -> bytes:
        """The bytes of a file (``W000003-1``) as it was attached."""
        from medcollect.tasks.attachments import attachment_file  # noqa: PLC0415

        return attachment_file(self._store, identifier)

    def _work(
        self,
        identifier: str,
        step: str,
        files: tuple[NewFile, ...],
        said: Document,
        **told: Any,
    ) -> Document:
        from medcollect.tasks.casework import Wish, work_denial  # noqa: PLC0415

        wish = Wish(step, attachments=files, **told)
        limit = self._settings().attachment_limit_bytes
        return work_denial(self._store, identifier, wish, **said, limit_bytes=limit)

    def work_denials(
        self,
        denials: Iterable[str],
        step: str,
        *,
        attachments: Iterable[str | Path] = (),
        reason: str = "",
        user: str,
        among: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        seen: str = "",
        **told: Any,
    ) -> Document:
        """Take one step on many denials (N...), or on those behind patterns (G...), as one unit.

        ``among`` are filters as of ``denials``, instead of ids: all that they keep is meant.
        ``dry_run`` shows which cases take it and which do not; its ``seen``, given back, insists
        that none has changed since. What goes with it is as of ``work_denial``, but an amount.
        """
        from medcollect.tasks.attachments import NewFile  # noqa: PLC0415
        from medcollect.tasks.bulk_work import Selection, work_denials  # noqa: PLC0415
        from medcollect.tasks.casework import Wish  # noqa: PLC0415

        wish = Wish(step, attachments=NewFile.all_of(attachments), **told)
        selection = Selection(list(denials), among, seen)
        limit = self._settings().attachment_limit_bytes
        asked: Document = {"reason": reason, "user": user, "dry_run": dry_run}
        return work_denials(self._store, selection, wish, **asked, limit_bytes=limit)

    def bulk_steps(self, limit: int = 50, after: str | None = None) -> Document:
        """What was done to many denials at once, the last first, undone ones too."""
        from medcollect.tasks.bulk_list import list_bulk  # noqa: PLC0415

        return list_bulk(self._store, limit, after)

    def denial_patterns(self, as_of: date | None = None, **wanted: Any) -> Document:
        """What payers refused too often in the last two years, with the denials one fix serves.

        ``wanted`` may be ``payer`` (part of its name), ``minimum`` (what is open), ``limit`` and
        ``after`` (a page).
        """
        from medcollect.tasks.denial_patterns import denial_patterns  # noqa: PLC0415

        return denial_patterns(self._store, today=as_of, **wanted)

    def take_next_denial(self, *, user: str, **filters: Any) -> Document:
        """Take the first denial in order of work that nobody has; filters as of ``denials``."""
        from medcollect.tasks.take_next import take_next  # noqa: PLC0415

        return take_next(self._store, user=user, **filters)

"""The part of the Python door for the work on denials."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from medcollect.book.opened import OpenedBook

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
        ``write_off``, ``day``, ``version``.
        """
        from medcollect.tasks.casework import Wish, work_denial  # noqa: PLC0415

        wish = Wish(step, attachments=tuple(map(Path, attachments)), **told)
        return work_denial(self._store, identifier, wish, reason=reason, user=user)

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

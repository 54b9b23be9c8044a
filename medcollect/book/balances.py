"""The part of the Python door for opening balances: how a practice comes to this book."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from medcollect.book.opened import OpenedBook

Document = dict[str, Any]


class BalanceVerbs(OpenedBook):
    """Opening balances of an open book."""

    def import_balances(
        self,
        path: str | Path,
        *,
        mapping: str | Path | Document | None = None,
        as_of: date | None = None,
        expected: dict[str, Any] | None = None,
        dry_run: bool = False,
        user: str,
        stdin: BinaryIO | None = None,
    ) -> Document:
        """Import open balances from CSV or XLSX: one table, a workbook of sheets, or a folder.

        ``expected`` holds control totals: ``count``, ``total``, ``charges``, ``insurance``,
        ``patient`` (amounts as text). Where the table holds others, nothing is taken in.
        """
        from medcollect.tasks.import_balances import ControlTotals, import_balances  # noqa: PLC0415

        return import_balances(
            self._store,
            path,
            mapping=self._mapping("open_balances", mapping),
            as_of=as_of,
            expected=ControlTotals(**(expected or {})),
            dry_run=dry_run,
            policies=self._settings().policies,
            user=user,
            stdin=stdin,
        )

    def export_balances(
        self, output: str | Path | None = None, *, closed: bool = False
    ) -> Document:
        """What is open, as the tables that ``import_balances`` reads.

        ``output`` is a file (.xlsx with a sheet for each table, .csv flat) or a folder; the answer
        then names what was written under ``written``, else holds the tables. ``closed``: with the
        claims on which nothing is open.
        """
        from medcollect.tasks.export_balances import export_balances  # noqa: PLC0415
        from medcollect.tasks.save_balances import save_balances  # noqa: PLC0415

        answer = export_balances(self._store, closed=closed)
        if output is None:
            return answer
        tables = answer.pop("tables")
        return {**answer, "written": save_balances(tables, Path(output))}

    def preview_balances(
        self,
        path: str | Path,
        *,
        mapping: str | Path | Document | None = None,
        stdin: BinaryIO | None = None,
    ) -> Document:
        """How the columns of a table of open balances are read, and its first rows."""
        from medcollect.tasks.preview_balances import preview_balances  # noqa: PLC0415

        return preview_balances(path, mapping=self._mapping("open_balances", mapping), stdin=stdin)

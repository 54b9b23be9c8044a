"""The part of the Python door that deals with contracts and underpayments."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from medcollect.book.opened import OpenedBook

Document = dict[str, Any]


class ContractVerbs(OpenedBook):
    """Contracts, fee schedules and underpayments of an open book."""

    def import_contract(  # noqa: PLR0913 - a table with all that holds for it
        self,
        path: str | Path,
        *,
        name: str,
        valid_from: date,
        payer: str = "",
        valid_to: date | None = None,
        plans: Sequence[str] = (),
        fee_schedule: bool = False,
        terms: str | Path | Dictionary[str, Any] | None = None,
        mapping: str | Path | Document | None = None,
        expect_count: int | None = None,
        reason: str = "",
        user: str,
        dry_run: bool = False,
        stdin: BinaryIO | None = None,
    ) -> Document:
        """Take a table of prices in as a version of a ``payer``'s contract, or a fee schedule.

        ``terms`` is a table, or a TOML or JSON file, of what holds for the whole contract
        (docs/contracts.md).
        """
        from medcollect.tasks.contracts import ContractOrder, import_contract  # noqa: PLC0415
        from medcollect.tasks.mapping_files import load_mapping, load_terms  # noqa: PLC0415

        order = ContractOrder(
            name=name,
            valid_from=valid_from,
            payer=payer,
            valid_to=valid_to,
            plans=tuple(plans),
            is_schedule=fee_schedule,
            given=load_terms(terms),
            expect_count=expect_count,
        )
        chosen = load_mapping(mapping)
        if chosen is not None:
            order = order.read_by(chosen)
        return import_contract(
            self._store, path, order, reason=reason, user=user, dry_run=dry_run, stdin=stdin
        )

    def contracts(self, limit: int | None = None, after: str | None = None) -> Document:
        """Versions of contracts and fee schedules in the order they were entered."""
        from medcollect.tasks.contracts import list_contracts  # noqa: PLC0415

        return list_contracts(self._store, limit, after)

    def contract(self, identifier: str) -> Document:
        """One version with every row."""
        from medcollect.tasks.contracts import show_contract  # noqa: PLC0415

        return show_contract(self._store, identifier)

    def underpayments(
        self,
        *,
        kind: str = "underpaid",
        payer: str | None = None,
        since: date | None = None,
        minimum: str | None = None,
        basis: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Document:
        """Lines that payers allowed otherwise than expected, the largest difference first.

        ``kind`` is underpaid, overpaid or no_term; ``basis`` contract or usual.
        """
        from medcollect.tasks.underpayments import (  # noqa: PLC0415
            UnderpaymentFilter,
            list_underpayments,
        )

        wanted = UnderpaymentFilter(kind, payer, since, minimum, basis)
        return list_underpayments(
            self._store, wanted, tolerance=self._settings().tolerance, limit=limit, after=after
        )

    def underpayment(self, identifier: str) -> Document:
        """One line of that list, by our id."""
        from medcollect.tasks.underpayments import show_underpayment  # noqa: PLC0415

        return show_underpayment(self._store, identifier, tolerance=self._settings().tolerance)

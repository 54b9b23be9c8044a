"""The Python door: a book with the same verbs, words and figures as the command line.

    with medcollect.open_book("sqlite:///office.db") as book:
        book.import_files(["inbox/"])
        book.denials()
        book.claim("PCN1")
        book.balance("A000001")
        book.report("aging")

Answers are JSON-ready; amounts are exact text such as ``"1234.50"`` (DESIGN section 8.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from medcollect.book.balances import BalanceVerbs
from medcollect.book.casework import CaseVerbs
from medcollect.book.contracts import ContractVerbs
from medcollect.book.desk import DeskVerbs
from medcollect.book.letters import LetterVerbs
from medcollect.book.money import MoneyVerbs
from medcollect.limits import Limits

Document = dict[str, Any]
Progress = Callable[[int, int, str], None]


def open_book(
    url: str = "sqlite:///medcollect.db",
    *,
    make: bool = True,
    settings: str | Path | None = None,
) -> Book:
    """Open a book, upgraded when needed, and made when there is none (unless ``make`` is false).

    ``settings`` names the settings file; else MEDCOLLECT_SETTINGS does, else ``medcollect.toml``
    beside the book counts where there is one (docs/settings.md).

    Raises BookUnavailable when the URL is none of ours, the database refuses, or there is no
    book and none may be made.
    """
    return Book(url, make=make, settings=settings)


class Book(MoneyVerbs, CaseVerbs, DeskVerbs, BalanceVerbs, LetterVerbs, ContractVerbs):
    """An open book; use it in a ``with`` block, or close it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the book."""
        self._store.close()

    def import_files(
        self,
        paths: Iterable[str | Path],
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        stdin: BinaryIO | None = None,
        limits: Limits | None = None,
        details: Callable[[Document], None] | None = None,
    ) -> Document:
        """Import files and folders; ``dry_run`` shows what would be done and does nothing.

        What would post is then under ``would_post``; its rows are there too, or given one by one
        to ``details`` (for imports too large to hold). ``limits`` bounds what files and archives
        may ask of us.
        """
        from medcollect.tasks.import_files import import_files  # noqa: PLC0415

        return import_files(
            self._store,
            paths,
            dry_run=dry_run,
            progress=progress,
            stdin=stdin,
            policies=self._settings().policies,
            limits=limits,
            details=details,
        )

    def settings(self) -> Document:
        """What the settings file says, where each value comes from, and what is in force."""
        import msgspec  # noqa: PLC0415

        from medcollect.tasks.policies import show_settings  # noqa: PLC0415

        said = self._settings()
        keys = [msgspec.to_builtins(key) for key in said.keys]
        return show_settings(self._store, file=said.path, keys=keys, wanted=said.policies)

    def repost(self, *, dry_run: bool = False, reason: str = "", user: str = "") -> Document:
        """Take changed settings over: judge everything posted under them, by counter-entries."""
        from medcollect.tasks.policies import repost  # noqa: PLC0415

        wanted = self._settings().policies
        return repost(self._store, wanted, dry_run=dry_run, reason=reason, user=user)

    def enter_sheet(self, path: str | Path, *, user: str, dry_run: bool = False) -> Document:
        """Post a sheet of explanations of benefits on paper; each becomes a remittance."""
        from medcollect.tasks.enter import enter_sheet  # noqa: PLC0415

        return enter_sheet(self._store, Path(path), user=user, dry_run=dry_run)

    def undo(
        self, identifier: str, *, with_decisions: bool = False, reason: str = "", user: str = ""
    ) -> Document:
        """Take an import, a remittance, a claim payment, a decision or a closing back."""
        from medcollect.tasks.undo import undo  # noqa: PLC0415

        return undo(
            self._store, identifier, with_decisions=with_decisions, reason=reason, user=user
        )

    def bill(
        self,
        numbers: Iterable[str],
        kind: str,
        *,
        output: Path | None = None,
        keep: bool = False,
        **options: Any,
    ) -> Document:
        """Write claims of the book again: as a replacement, void, once more, to the next payer.

        ``kind`` is replacement, void, again or next_payer; the options are those of
        ``medcollect.tasks.bill_kinds.BillOrder`` (fields, coverage, payer, payer_number, ...).
        Without ``output`` or ``keep`` it only shows what would be written.
        """
        from medcollect.tasks.bill import BillOrder, bill  # noqa: PLC0415

        order = BillOrder(kind=kind, **options)
        return bill(self._store, list(numbers), order, output=output, keep=keep)

    def inquire(
        self,
        numbers: Iterable[str],
        *,
        unanswered_days: int | None = None,
        output: Path | None = None,
        keep: bool = False,
        sender: str = "",
        receiver: str = "",
    ) -> Document:
        """Ask payers where claims stand: a 276, recorded as asked with ``output`` or ``keep``."""
        from medcollect.tasks.ask import AskOrder, inquire  # noqa: PLC0415

        order = AskOrder(sender, receiver, output, keep)
        return inquire(self._store, list(numbers), order, unanswered_days=unanswered_days)

    def eligibility(
        self,
        account: str,
        *,
        payer: str = "",
        on: date | None = None,
        output: Path | None = None,
        keep: bool = False,
        sender: str = "",
        receiver: str = "",
    ) -> Document:
        """Ask a payer whether a patient is covered: a 270, recorded with ``output`` or ``keep``."""
        from medcollect.tasks.ask import AskOrder, ask_eligibility  # noqa: PLC0415

        order = AskOrder(sender, receiver, output, keep)
        return ask_eligibility(self._store, account, order, payer=payer, on=on)

    def denials(  # noqa: PLR0913 - one keyword for each filter
        self,
        *,
        payer: str | None = None,
        category: str | None = None,
        status: str | None = "open",
        minimum: str | None = None,
        maximum: str | None = None,
        owner: str | None = None,
        state: str | None = None,
        due_before: date | None = None,
        limit: int | None = None,
        after: str | None = None,
        as_of: date | None = None,
        **codes: Any,
    ) -> Document:
        """The denial worklist in order of work, as it looks today or on another day.

        ``status`` is what became of an amount (``open``, ``resent``, ``notice``, ``settled``,
        ``written_off``, ``withdrawn``; ``all`` of them; None: all but the withdrawn). ``owner``
        may be ``nobody``; ``due_before`` is a day by which a limit, or the next look, falls.
        ``codes`` may be ``kind``, ``reason`` (``197`` or ``CO-197``), ``remark``, ``procedure``
        and ``older_than``: days since the payer's answer.
        """
        from medcollect.tasks.worklists import list_denials  # noqa: PLC0415

        return list_denials(
            self._store,
            payer=payer,
            category=category,
            status=status,
            minimum=minimum,
            maximum=maximum,
            owner=owner,
            state=state,
            due_before=due_before,
            **codes,
            limit=limit,
            after=after,
            today=as_of,
        )

    def claim(self, number: str) -> Document:
        """Everything on one claim, explained."""
        from medcollect.tasks.claim_view import view_claim  # noqa: PLC0415

        return view_claim(self._store, number)

    def balance(self, account: str) -> Document:
        """What a patient owes, and why."""
        from medcollect.tasks.balance import view_balance  # noqa: PLC0415

        return view_balance(self._store, account)

    def exceptions(
        self,
        *,
        kind: str | None = None,
        held: bool = False,
        limit: int | None = None,
        after: str | None = None,
    ) -> Document:
        """What waits for a person, and the money at stake; with ``held`` what a person holds."""
        from medcollect.tasks.exception_list import list_exceptions  # noqa: PLC0415

        return list_exceptions(self._store, kind=kind, held=held, limit=limit, after=after)

    def resolve(  # noqa: PLR0913 - one keyword for each action
        self,
        exception_id: str,
        *,
        to: str | None = None,
        open_claim: bool = False,
        post_anyway: bool = False,
        hold: bool = False,
        until: date | None = None,
        write_off: str | None = None,
        reason: str,
        user: str,
    ) -> Document:
        """Settle an exception by a person's decision, on record and undoable.

        Exactly one of ``to`` (a claim's id or number), ``open_claim``, ``post_anyway``, ``hold``
        (let it wait, ``until`` a day or for good) and ``write_off`` (its kind) is given.
        """
        from medcollect.tasks.decide import Wish, resolve  # noqa: PLC0415

        wish = Wish(to, open_claim, post_anyway, hold, write_off, until)
        return resolve(self._store, exception_id, wish, reason=reason, user=user)

    def close_period(self, through: str, *, reason: str, user: str) -> Document:
        """Close all days up to the end of a month (``2026-03``) or a day (``2026-03-31``)."""
        from medcollect.tasks.closing import close_period  # noqa: PLC0415

        return close_period(self._store, through, reason=reason, user=user)

    def provider_adjustments(
        self,
        *,
        payer: str | None = None,
        settled: bool = False,
        limit: int | None = None,
        after: str | None = None,
    ) -> Document:
        """What payers still mean to take, or have kept (PLB), each followed over its checks."""
        from medcollect.tasks.provider_adjustments import list_provider_adjustments  # noqa: PLC0415

        return list_provider_adjustments(
            self._store, payer=payer, settled=settled, limit=limit, after=after
        )

    def report(
        self, name: str, *, as_of: date | None = None, since: date | None = None
    ) -> Document:
        """A report by its name; ``since`` is the first day of the reports of movements."""
        from medcollect.tasks.report_data import make_report, report_of  # noqa: PLC0415

        if name == "underpayments" and since is None:
            from medcollect.tasks.underpayments import underpayment_sheet  # noqa: PLC0415

            return report_of(
                name, *underpayment_sheet(self._store, self._settings().tolerance), as_of, None
            )
        return make_report(self._store, name, as_of=as_of, since=since)

    def imports(self, limit: int = 50, after: str | None = None) -> Document:
        """Imports, oldest first."""
        from medcollect.tasks.lists import list_imports  # noqa: PLC0415

        return list_imports(self._store, limit, after)

    def import_(self, identifier: str) -> Document:
        """One import."""
        from medcollect.tasks.lists import show_import  # noqa: PLC0415

        return show_import(self._store, identifier)

    def remittances(self, limit: int = 50, after: str | None = None) -> Document:
        """Remittances in the order they came."""
        from medcollect.tasks.lists import list_remittances  # noqa: PLC0415

        return list_remittances(self._store, limit, after)

    def remittance(self, identifier: str) -> Document:
        """One remittance with its claim payments."""
        from medcollect.tasks.lists import show_remittance  # noqa: PLC0415

        return show_remittance(self._store, identifier)

    def claims(self, limit: int = 50, after: str | None = None) -> Document:
        """Claims in the order they came."""
        from medcollect.tasks.lists import list_claims  # noqa: PLC0415

        return list_claims(self._store, limit, after)

    def accounts(self, limit: int = 50, after: str | None = None) -> Document:
        """Accounts with what their patients owe."""
        from medcollect.tasks.lists import list_accounts  # noqa: PLC0415

        return list_accounts(self._store, limit, after)

    def fhir(self, number: str) -> Document:
        """A claim as a FHIR R4B Bundle."""
        from medcollect.tasks.fhir_view import view_fhir  # noqa: PLC0415

        return view_fhir(self._store, number)

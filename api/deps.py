"""What routes are given: the book through a desk, the ids in paths, the page asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from pathlib import Path as FilePath
from threading import Lock
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar

from fastapi import Depends, Path, Query, Request
from starlette.convertors import StringConvertor, register_url_convertor

from api.balance_book import BalanceBook
from api.case_book import CaseBook
from api.contract_book import ContractBook
from api.letter_book import LetterBook

Document = dict[str, Any]
Answer = TypeVar("Answer")


class Book(CaseBook, BalanceBook, LetterBook, ContractBook, Protocol):
    """What the HTTP door asks of a book; :class:`medcollect.book.Book` is the real one."""

    def import_files(
        self,
        paths: Sequence[str | FilePath],
        *,
        dry_run: bool = ...,
        details: Callable[[Document], None] | None = ...,
    ) -> Document:
        """Read, match, post and commit files."""

    def enter_sheet(self, path: FilePath, *, user: str, dry_run: bool = ...) -> Document:
        """Post payments that came on paper."""

    def undo(self, identifier: str, *, with_decisions: bool = ..., reason: str = ...) -> Document:
        """Take an import, a remittance, a claim payment, a decision or a closing back."""

    def import_deposits(
        self,
        paths: Sequence[str | FilePath],
        *,
        mapping: Document | None = ...,
        dry_run: bool = ...,
    ) -> Document:
        """Take files of a bank in."""

    def reconcile(self, *, as_of: date | None = ...) -> Document:
        """Hold deposits against remittances."""

    def tie_deposit(
        self, action: str, deposit: str, remittance: str, *, reason: str, user: str
    ) -> Document:
        """Say whether a deposit and a remittance are the same money."""

    def set_deposit_aside(self, identifier: str, *, reason: str, user: str) -> Document:
        """Say that a deposit or a remittance has no other side."""

    def pay(
        self,
        target: str,
        amount: str,
        *,
        method: str,
        received_on: date | None = ...,
        reference: str = ...,
        reason: str = ...,
        user: str,
        again: bool = ...,
    ) -> Document:
        """Enter a patient's payment."""

    def refund(
        self,
        target: str,
        amount: str,
        *,
        method: str,
        refunded_on: date | None = ...,
        reference: str = ...,
        reason: str,
        user: str,
        again: bool = ...,
    ) -> Document:
        """Enter money given back to a patient."""

    def bounce(
        self, payment: str, *, received_on: date | None = ..., reason: str, user: str
    ) -> Document:
        """Enter that a payment came back."""

    def import_payments(
        self,
        path: str | FilePath,
        *,
        mapping: Document | None = ...,
        expect_count: int | None = ...,
        expect_total: str | None = ...,
        dry_run: bool = ...,
        user: str,
    ) -> Document:
        """Take a table of payments in."""

    def patient_payments(self, limit: int, after: str | None) -> Document:
        """List patient payments."""

    def add_coverage(self, target: str, *, reason: str, user: str, **told: Any) -> Document:
        """Enter a payer of a patient or a claim."""

    def correct_coverage(self, entry: str, *, reason: str, user: str, **changes: Any) -> Document:
        """Enter what is right of a coverage."""

    def end_coverage(
        self, target: str, *, payer: str = ..., last_day: date | None = ..., reason: str, user: str
    ) -> Document:
        """End a coverage."""

    def move_balance(
        self,
        target: str,
        amount: str,
        *,
        to: str,
        payer: str = ...,
        billable: bool = ...,
        moved_on: date | None = ...,
        reason: str,
        user: str,
    ) -> Document:
        """Move money between payers and the patient."""

    def refund_payer(
        self, target: str, amount: str, *, payer: str = ..., reason: str, user: str, **told: Any
    ) -> Document:
        """Enter an overpayment that was sent back to a payer."""

    def merge_accounts(
        self, accounts: Sequence[str], *, although_different: bool = ..., reason: str, user: str
    ) -> Document:
        """Say that accounts are one patient's."""

    def split_account(
        self,
        account: str,
        claims: Sequence[str],
        *,
        payments: Sequence[str] = ...,
        reason: str,
        user: str,
    ) -> Document:
        """Say that claims of an account are another patient's."""

    def enter_deceased(self, target: str, *, reason: str, user: str, **told: Any) -> Document:
        """Enter that a patient has died."""

    def entries(self, limit: int, after: str | None) -> Document:
        """List what was entered by hand."""

    def bill(
        self, numbers: Sequence[str], kind: str, *, keep: bool = ..., **options: Any
    ) -> Document:
        """Write claims again: corrected, void, once more, to the next payer."""

    def inquire(
        self,
        numbers: Sequence[str],
        *,
        unanswered_days: int | None = ...,
        keep: bool = ...,
        sender: str = ...,
        receiver: str = ...,
    ) -> Document:
        """Ask payers where claims stand (276)."""

    def eligibility(
        self,
        account: str,
        *,
        payer: str = ...,
        keep: bool = ...,
        sender: str = ...,
        receiver: str = ...,
    ) -> Document:
        """Ask a payer whether a patient is covered (270)."""

    def claim(self, number: str) -> Document:
        """Explain one claim."""

    def balance(self, account: str) -> Document:
        """Say what a patient owes, and why."""

    def exceptions(
        self,
        *,
        kind: str | None = ...,
        held: bool = ...,
        limit: int | None = ...,
        after: str | None = ...,
    ) -> Document:
        """List what waits for a person."""

    def resolve(  # noqa: PLR0913 - one keyword for each action
        self,
        exception_id: str,
        *,
        to: str | None = ...,
        open_claim: bool = ...,
        post_anyway: bool = ...,
        hold: bool = ...,
        until: date | None = ...,
        write_off: str | None = ...,
        reason: str,
        user: str,
    ) -> Document:
        """Decide an exception."""

    def provider_adjustments(
        self,
        *,
        payer: str | None = ...,
        settled: bool = ...,
        limit: int | None = ...,
        after: str | None = ...,
    ) -> Document:
        """List what payers still mean to take, or have kept."""

    def settings(self) -> Document:
        """Show what is decided beforehand, and whether it is in force."""

    def repost(self, *, dry_run: bool = ..., reason: str = ..., user: str = ...) -> Document:
        """Take changed settings over."""

    def report(self, name: str, *, as_of: date | None = ..., since: date | None = ...) -> Document:
        """Make a report."""

    def close_period(self, through: str, *, reason: str, user: str) -> Document:
        """Close the books up to the end of a month or a day."""

    def imports(self, limit: int, after: str | None) -> Document:
        """List imports."""

    def import_(self, identifier: str) -> Document:
        """Show one import."""

    def remittances(self, limit: int, after: str | None) -> Document:
        """List remittances."""

    def remittance(self, identifier: str) -> Document:
        """Show one remittance."""

    def claims(self, limit: int, after: str | None) -> Document:
        """List claims."""

    def accounts(self, limit: int, after: str | None) -> Document:
        """List accounts."""

    def fhir(self, number: str) -> Document:
        """Give a claim as a FHIR Bundle."""


OpenBook = Callable[[str], AbstractContextManager[Book]]


def open_real_book(url: str, settings: str | None = None) -> AbstractContextManager[Book]:
    """Open the book behind a URL; ``settings`` names its settings file, else it is looked for."""
    from medcollect.book import open_book  # noqa: PLC0415 - heavy; tests bring their own

    return open_book(url, settings=settings)


class Desk:
    """Where routes put their question to the book, which stays open as long as the server.

    It is opened when the first question comes, so that a book that cannot be opened yet is a
    problem of that request only. Its connections serve one thread each.
    """

    def __init__(self, url: str, opener: OpenBook) -> None:
        self._url = url
        self._opener = opener
        self._open = ExitStack()
        self._book: Book | None = None
        self._lock = Lock()

    def ask(self, question: Callable[[Book], Answer]) -> Answer:
        """Put one question to the book."""
        return question(self._opened())

    def _opened(self) -> Book:
        with self._lock:
            if self._book is None:
                self._book = self._open.enter_context(self._opener(self._url))
            return self._book

    def close(self) -> None:
        """Close the book; the next question would open it again."""
        with self._lock:
            self._book = None
            self._open.close()


async def _desk(request: Request) -> Desk:  # async: it is not worth a thread of its own
    desk: Desk = request.app.state.desk
    return desk


AskDesk = Annotated[Desk, Depends(_desk)]


class Page(NamedTuple):
    """Which part of a list is asked for."""

    limit: int
    after: str | None


Limit = Annotated[int, Query(ge=1, le=500, description="At most so many items.")]


def _page(letter: str) -> Any:
    """Make the dependency that reads a page of a list whose ids begin with ``letter``."""
    cursor = Query(
        default=None,
        pattern=_id_pattern(letter),
        description="The `next` of the page before.",
        examples=[f"{letter}000050"],
    )

    async def page(limit: Limit = 50, after: str | None = cursor) -> Page:
        return Page(limit, after)

    return Depends(page)


def _id_pattern(letter: str) -> str:
    return f"^{letter}[0-9]{{6,12}}$"


ImportPage = Annotated[Page, _page("I")]
RemittancePage = Annotated[Page, _page("R")]
ClaimPage = Annotated[Page, _page("C")]
AccountPage = Annotated[Page, _page("A")]
DenialPage = Annotated[Page, _page("N")]
ContractPage = Annotated[Page, _page("T")]
UnderpaymentPage = Annotated[Page, _page("U")]
PatternPage = Annotated[Page, _page("G")]
BulkPage = Annotated[Page, _page("J")]
EntryPage = Annotated[Page, _page("E")]
PatientPaymentPage = Annotated[Page, _page("M")]
ExceptionPage = Annotated[Page, _page("X")]


class _OurId(StringConvertor):
    """What a path can hold: our own ids. Anything else finds no route."""

    regex = "[A-Z][0-9]{6,12}"


register_url_convertor("our_id", _OurId())


def _id(letter: str, what: str) -> Any:
    example = f"{letter}000001"
    return Path(pattern=_id_pattern(letter), description=f"Our {what} id.", examples=[example])


ImportId = Annotated[str, _id("I", "import")]
RemittanceId = Annotated[str, _id("R", "remittance")]
ClaimPaymentId = Annotated[str, _id("P", "claim payment")]
ClaimId = Annotated[str, _id("C", "claim")]
AccountId = Annotated[str, _id("A", "account")]
DenialId = Annotated[str, _id("N", "denial")]
ExceptionId = Annotated[str, _id("X", "exception")]
SettingsId = Annotated[str, _id("S", "version of the settings")]
DecisionId = Annotated[str, _id("D", "decision")]
ClosingId = Annotated[str, _id("K", "closing")]
StepId = Annotated[str, _id("W", "step of work")]
BulkId = Annotated[str, _id("J", "step on many denials at once")]
ContractId = Annotated[str, _id("T", "contract")]
UnderpaymentId = Annotated[str, _id("U", "underpayment")]
EntryId = Annotated[str, _id("E", "entry")]
PatientPaymentId = Annotated[str, _id("M", "patient payment")]


def one_of(words: Sequence[str]) -> str:
    """A pattern that only these words fit."""
    return f"^({'|'.join(words)})$"

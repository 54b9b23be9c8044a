"""Questions to payers, written from the book: where claims stand (276), who is covered (270).

A written question is a fact like any other file: it is imported as it is written, so that the book
knows what was asked, an answer finds it by its trace, and ``undo`` takes it back. Nothing is made
up: what the claim on file does not say, and no option gives, is refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.errors import NotAllowed, NotFound
from medcollect.files import InputFile
from medcollect.ids import name
from medcollect.matching.docs import ClaimDoc
from medcollect.model.claim import Claim, Coverage
from medcollect.model.common import Delimiters, Envelope, Party
from medcollect.model.eligibility import EligibilityInquiry
from medcollect.model.status import StatusInquiry
from medcollect.saving import save
from medcollect.store.correspondence import letters_of_claim, unanswered_claims
from medcollect.store.engine import Store, next_numbers
from medcollect.tasks.import_files import import_within
from medcollect.tasks.load import (
    LoadedClaim,
    claims_of_account,
    find_account,
    find_claims,
    load_claim,
)
from medcollect.tasks.originals import OriginalClaim, original_claims
from medcollect.x12 import write_270, write_276
from medcollect.x12.parts837 import element

Row = dict[str, Any]
_Sides = tuple[str, str, str]

_CONTROL: Final = "control_numbers"
_SELF: Final = "18"
_TAX_ID_DIGITS: Final = 9
_SERVICE_TYPES: Final = ("30",)


class AskOrder(msgspec.Struct, frozen=True):
    """How to ask: sender and receiver other than those of the claim's own file."""

    sender: str = ""
    receiver: str = ""
    output: Path | None = None
    keep: bool = False

    @property
    def kept(self) -> bool:
        """Whether the question is put on record, or only shown."""
        return self.keep or self.output is not None


class _Subject(msgspec.Struct, frozen=True):
    """One claim that a question rests on: its latest document as it was filed."""

    loaded: LoadedClaim
    document: ClaimDoc
    original: OriginalClaim

    @property
    def claim(self) -> Claim:
        return self.document.claim


def inquire(
    store: Store,
    numbers: Sequence[str],
    order: AskOrder,
    *,
    unanswered_days: int | None = None,
    now: datetime | None = None,
) -> Row:
    """Ask payers where claims stand (276); each claim under a trace of its own.

    ``unanswered_days`` names every claim that was sent so many days ago, waits for its payer and
    was not asked about since. Without ``output`` or ``keep`` the file is only shown. Raises
    NotFound, NotAllowed (the claim's file does not say enough).
    """
    moment = now or datetime.now(UTC)
    with store.writing() if order.kept else store.trying() as connection:
        rows = [row for number in numbers for row in _named(connection, number)]
        if unanswered_days is not None:
            before = moment.date() - timedelta(days=unanswered_days)
            rows += unanswered_claims(connection, before)
        subjects = [_subject(connection, row) for row in _distinct(rows)]
        control = next_numbers(connection, _CONTROL, max(len(_by_sides(subjects, order)), 1))
        texts, asked = [], []
        for number, (sides, own) in enumerate(_by_sides(subjects, order).items(), control):
            questions = [_status_question(connection, s, sides, number) for s in own]
            texts.append(write_276(questions, _envelope(sides), moment, number))
            for subject, question in zip(own, questions, strict=True):
                asked.append(_told(subject, question.payer, question.trace_number))
        return _recorded(store, connection, "".join(texts), f"asked {control:09d}", order, asked)


def ask_eligibility(
    store: Store,
    account: str,
    order: AskOrder,
    *,
    payer: str = "",
    on: date | None = None,
    now: datetime | None = None,
) -> Row:
    """Ask a payer whether an account's patient is covered (270), today or on another day.

    The payer is the first one of the latest claim, or the one whose name holds ``payer``. Without
    ``output`` or ``keep`` the file is only shown. Raises NotFound, NotAllowed.
    """
    moment = now or datetime.now(UTC)
    with store.writing() if order.kept else store.trying() as connection:
        subject = _latest(connection, account)
        (sides,) = _by_sides([subject], order)
        control = next_numbers(connection, _CONTROL, 1)
        coverage = _coverage(subject.claim, payer)
        question = _eligibility_question(subject, coverage, on or moment.date(), control)
        text = write_270(
            [question], _envelope(sides), moment, control, trace_origin=_origin(subject, sides)
        )
        asked = [_told(subject, question.payer, question.trace_number)]
        return _recorded(store, connection, text, f"asked {control:09d}", order, asked)


# --- what the question rests on -------------------------------------------------------------------


def _named(connection: sa.Connection, number: str) -> list[Row]:
    """The claim of a number; several under one number need their ids."""
    found = find_claims(connection, number)
    if len(found) > 1:
        ids = ", ".join(name("C", row["id"]) for row in found)
        raise NotAllowed(f"Several claims carry this number: {ids}.", "Name one by its id.")
    return found


def _distinct(rows: Sequence[Row]) -> list[Row]:
    if not rows:
        raise NotFound("There is no claim to ask about.", "Name one by its number or its id.")
    return list({row["id"]: row for row in rows}.values())


def _subject(connection: sa.Connection, row: Row) -> _Subject:
    """The latest document of a claim, with the envelope of its file."""
    loaded = load_claim(connection, row)
    if not loaded.group.documents:
        raise NotAllowed(
            f"Claim {name('C', row['id'])} is known from its remittance only: its coverage and "
            "provider are not on file.",
            "Import the 837 first.",
        )
    document = loaded.group.documents[-1]
    return _Subject(loaded, document, original_claims(connection, [document.id])[document.id])


def _latest(connection: sa.Connection, account: str) -> _Subject:
    """The latest claim of an account that has an 837."""
    rows = claims_of_account(connection, find_account(connection, account)["id"])
    filed = [row for row in rows if row["origin"] == "claim"]
    if not filed:
        raise NotAllowed(
            "No 837 of this account is on file: its coverage is not known.",
            "Import a claim of the patient first.",
        )
    latest = max(filed, key=lambda row: (str(row["service_from"] or ""), row["id"]))
    return _subject(connection, latest)


def _by_sides(subjects: Sequence[_Subject], order: AskOrder) -> dict[_Sides, list[_Subject]]:
    """The claims by sender, receiver and usage; those of one payer and provider together."""
    found: dict[_Sides, list[_Subject]] = {}
    ordered = sorted(
        subjects,
        key=lambda s: (s.claim.coverage.payer.id, s.claim.billing_provider.id, s.loaded.row["id"]),
    )
    for subject in ordered:
        isa = subject.original.isa
        sender = order.sender or element(isa, 6).strip()
        receiver = order.receiver or element(isa, 8).strip()
        if not sender or not receiver:
            raise NotAllowed(
                "The claim's file has no envelope (ISA).", "Give --sender and --receiver."
            )
        sides = (sender, receiver, element(isa, 15).strip() or "P")
        found.setdefault(sides, []).append(subject)
    return found


def _envelope(sides: _Sides) -> Envelope:
    sender, receiver, usage = sides
    return Envelope(Delimiters(), sender_id=sender, receiver_id=receiver, usage=usage)


# --- questions ------------------------------------------------------------------------------------


def _status_question(
    connection: sa.Connection, subject: _Subject, sides: _Sides, control: int
) -> StatusInquiry:
    """The 276 about one claim, from what was filed and what the payer said of it so far."""
    claim = subject.claim
    submitter = subject.original.header.submitter
    asker = Party(last_name=submitter.last_name, id=submitter.id or sides[0])
    return StatusInquiry(
        payer=_payer(subject, claim.coverage),
        receiver=asker,
        provider=_provider(claim),
        subscriber=_person(claim.coverage.subscriber, claim),
        patient=_dependent(claim),
        trace_number=_trace("C", subject.loaded.row["id"], control),
        patient_control_number=claim.patient_control_number,
        payer_claim_control_number=_payer_number(connection, subject),
        charge_cents=claim.charge_cents,
        service_from=claim.service_from,
        service_to=claim.service_to,
    )


def _eligibility_question(
    subject: _Subject, coverage: Coverage, day: date, control: int
) -> EligibilityInquiry:
    claim = subject.claim
    account = subject.loaded.row["account_id"]
    own = coverage is claim.coverage
    return EligibilityInquiry(
        payer=_payer(subject, coverage),
        receiver=_provider(claim),
        subscriber=_person(coverage.subscriber, claim),
        dependent=_dependent(claim) if own else Party(),
        trace_number=_trace("A", account, control),
        service_types=_SERVICE_TYPES,
        service_from=day,
    )


def _trace(letter: str, number: int, control: int) -> str:
    """A trace that no other question has: what it is about and the file's control number."""
    return f"{name(letter, number)}-{control:09d}"


def _coverage(claim: Claim, payer: str) -> Coverage:
    """The coverage to ask about: the claim's own, or the one whose payer is named."""
    if not payer.strip():
        return claim.coverage
    known = [claim.coverage, *(other.coverage for other in claim.other_payers)]
    wanted = payer.strip().upper()
    found = [c for c in known if wanted in c.payer.last_name.upper()]
    if len(found) != 1:
        names = ", ".join(c.payer.last_name for c in known)
        raise NotAllowed("This names no single payer of the patient.", f"There are: {names}.")
    return found[0]


def _payer(subject: _Subject, coverage: Coverage) -> Party:
    payer = coverage.payer
    if not payer.id:
        raise NotAllowed(
            f"Claim {name('C', subject.loaded.row['id'])} does not say the payer's identifier.",
            "Ask on the payer's own site.",
        )
    return Party(last_name=payer.last_name, id=payer.id, id_qualifier=payer.id_qualifier)


def _provider(claim: Claim) -> Party:
    """The billing provider; only an NPI is asked under."""
    provider = claim.billing_provider
    return Party(
        last_name=provider.last_name, first_name=provider.first_name, id=provider.id,
        id_qualifier=provider.id_qualifier,
    )  # fmt: skip


def _person(party: Party, claim: Claim) -> Party:
    """A subscriber with what was filed of them; the patient's own dates where they are one."""
    known = claim.patient if claim.coverage.relationship in {_SELF, ""} else party
    return Party(
        last_name=party.last_name, first_name=party.first_name, middle_name=party.middle_name,
        suffix=party.suffix, id=party.id, id_qualifier=party.id_qualifier,
        birth_date=party.birth_date or known.birth_date, gender=party.gender or known.gender,
    )  # fmt: skip


def _dependent(claim: Claim) -> Party:
    """The patient where somebody else is the subscriber."""
    patient, holder = claim.patient, claim.coverage.subscriber
    same = (patient.last_name, patient.first_name) == (holder.last_name, holder.first_name)
    if claim.coverage.relationship == _SELF or same:
        return Party()
    return Party(
        last_name=patient.last_name, first_name=patient.first_name, birth_date=patient.birth_date,
        gender=patient.gender,
    )  # fmt: skip


def _payer_number(connection: sa.Connection, subject: _Subject) -> str:
    """The payer's number for the claim: the latest that its answers gave."""
    told = [
        row["payer_claim_control_number"]
        for row in letters_of_claim(connection, subject.loaded.row["id"])
        if row["kind"] != "276" and row["payer_claim_control_number"]
    ]
    paid = [p.payment.payer_claim_control_number for p in subject.loaded.group.payments]
    return next((number for number in reversed([*told, *paid]) if number), "")


def _origin(subject: _Subject, sides: _Sides) -> str:
    """TRN03: ``1`` and the provider's tax id, else ``9`` and the sender."""
    digits = "".join(c for c in subject.claim.billing_provider.reference("EI", "TJ") if c.isdigit())
    if len(digits) == _TAX_ID_DIGITS:
        return f"1{digits}"
    return f"9{sides[0][:_TAX_ID_DIGITS].ljust(_TAX_ID_DIGITS, '0')}"


# --- on record ------------------------------------------------------------------------------------


class _Made(msgspec.Struct, frozen=True):
    """A file that was just made."""

    data: bytes

    def open(self) -> BinaryIO:
        """A stream from its start."""
        return io.BytesIO(self.data)


_nothing_first: Final[Callable[[int], None]] = lambda _import_id: None  # noqa: E731


def _told(subject: _Subject, payer: Party, trace: str) -> Row:
    row = subject.loaded.row
    return {
        "claim": name("C", row["id"]),
        "account": name("A", row["account_id"]),
        "patient_control_number": row["patient_control_number"],
        "payer": payer.last_name or None,
        "trace_number": trace,
    }


def _recorded(
    store: Store,
    connection: sa.Connection,
    text: str,
    label: str,
    order: AskOrder,
    asked: list[Row],
) -> Row:
    """Import the file and write it: all or nothing."""
    if order.output is not None and order.output.exists():
        raise NotAllowed(f"{order.output} is there already.", "Name a file that is not there yet.")
    data = text.encode()
    file = InputFile(str(order.output or label), len(data), _Made(data))
    answer = import_within(store, connection, file, today=dates.today(), before=_nothing_first)
    if order.output is not None:
        save(order.output, data)
    return {
        "asked": asked,
        "import": answer["import"] if order.kept else None,
        "written": order.kept,
        "file": str(order.output) if order.output is not None else None,
        "edi": text,
    }

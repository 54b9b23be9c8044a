"""What posting takes and gives: one claim's facts in, its journal and open questions out."""

from __future__ import annotations

from datetime import date

import msgspec

from medcollect.model.desk import Move, PayerRefund
from medcollect.model.policies import Policies
from medcollect.model.posting import Entry
from medcollect.model.remittance import ClaimPayment


class ClaimLine(msgspec.Struct, frozen=True, gc=False):
    """One line of the claim as the practice billed it; ``position`` counts from 1."""

    position: int
    procedure_code: str
    charge_cents: int
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    service_from: date | None = None
    service_to: date | None = None
    line_control_number: str = ""
    number: str = ""
    diagnoses: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One claim payment as the claim's books see it.

    ``remittance`` is ``None`` for an answer that the claim itself reports of an earlier payer
    (loop 2320); ``rank`` is then that payer's rank, else 0. ``pairs`` gives, for each service
    payment, the position of the claim line it answers, 0 where none was found.
    """

    id: int
    remittance: int | None
    payment_date: date | None
    place: tuple[int, int]
    fingerprint: str
    payer_key: str
    payer_name: str
    payment: ClaimPayment
    pairs: tuple[int, ...] = ()
    rank: int = 0
    reissue: int = 0
    post_anyway: bool = False

    def told_by(self, claim_document: int) -> tuple[str, int]:
        """The cause of its entry, and the document behind it: its own, or the claim that tells."""
        if self.remittance is None:
            return "reported_answer", claim_document
        return ("reversal" if self.payment.is_reversal else "answer"), self.id

    @property
    def order(self) -> tuple[date, int, int, int, str]:
        """Answers rank by payment date, first issue, place in the file, content."""
        return (self.payment_date or date.min, self.reissue, *self.place, self.fingerprint)


class ExpectedPayer(msgspec.Struct, frozen=True, gc=False):
    """A payer that the claim names, by rank (1 primary, 2 secondary ...)."""

    rank: int
    payer_key: str
    payer_name: str
    filing_indicator: str = ""


class DecidedWriteOff(msgspec.Struct, frozen=True, gc=False):
    """What a person gave up of an issue over an answer; ``decision`` names it.

    ``refused``: of what the answer refused for this reason (CARC) instead.
    """

    answer: int
    issue: str
    kind: str
    cents: int
    decision: str
    day: date | None = None
    refused: str = ""


class MovedBalance(msgspec.Struct, frozen=True, gc=False):
    """A balance that a person moved; ``entry`` names the entry."""

    entry: str
    number: int
    move: Move


class SentRefund(msgspec.Struct, frozen=True, gc=False):
    """A refund cheque that was sent to a payer; ``entry`` names the entry.

    ``returned_by`` is the number of the entry that says that it came back, on ``returned_on``.
    """

    entry: str
    number: int
    refund: PayerRefund
    returned_by: int = 0
    returned_on: date | None = None


class Charged(msgspec.Struct, frozen=True, gc=False):
    """What one document of a claim charges: in all, and line by line from position 1.

    ``cause`` is that of its entry: ``charge``, ``replaced`` or ``voided``.
    """

    cause: str
    document: int
    day: date | None
    cents: int
    lines: tuple[int, ...] = ()


class SentAgain(msgspec.Struct, frozen=True, gc=False):
    """The latest document of a claim that went to a payer which had one before.

    ``payer_claim_control_number`` is the payer's number that a replacement names (REF*F8).
    """

    day: date | None
    payer_key: str
    payer_claim_control_number: str = ""


class ClaimCase(msgspec.Struct, frozen=True, gc=False):
    """Everything that decides one claim's books.

    ``charge_document`` is the id of the claim document (or claim payment) the charge comes from,
    ``billed_date`` the day on which the claim was last sent.
    ``answers`` hold only claim payments that were matched to this claim and are not held.
    ``charges`` are what its documents charged one after the other, none where one document says
    all; ``sent_again`` is set where the latest of several went to the same payer as an earlier one.
    Of answers later than ``void_day`` only the money counts. ``without_estate``: the patient has
    died, and nobody is known who acts for the estate.
    """

    charge_document: int
    charge_cents: int
    charge_date: date | None = None
    billed_date: date | None = None
    lines: tuple[ClaimLine, ...] = ()
    voided: bool = False
    patient_paid_cents: int = 0
    patient_paid_date: date | None = None
    payers: tuple[ExpectedPayer, ...] = ()
    answers: tuple[Answer, ...] = ()
    reported: tuple[Answer, ...] = ()
    policies: Policies = Policies()
    write_offs: tuple[DecidedWriteOff, ...] = ()
    moves: tuple[MovedBalance, ...] = ()
    refunds: tuple[SentRefund, ...] = ()
    charges: tuple[Charged, ...] = ()
    void_day: date | None = None
    sent_again: SentAgain | None = None
    without_estate: bool = False


class Issue(msgspec.Struct, frozen=True, gc=False):
    """Something that waits for a person: what kind, how much, which answer, why."""

    kind: str
    cents: int
    answer: int
    reason: str


class DenialItem(msgspec.Struct, frozen=True, gc=False):
    """An amount a payer refused on one line (``line`` 0: on the claim), with its status.

    ``status`` is ``open``, ``notice`` (the patient pays after a signed advance notice),
    ``written_off`` (by policy), ``settled`` (another payer's answer closed it), ``resent`` (the
    claim went to the payer again since, and waits for its answer).
    """

    answer: int
    service: int
    line: int
    group: str
    reason: str
    cents: int
    status: str
    remarks: tuple[str, ...] = ()


class PatientPart(msgspec.Struct, frozen=True, gc=False):
    """A part of the patient's responsibility; ``hold`` says why it may not be billed now."""

    answer: int
    line: int
    reason: str
    cents: int
    hold: str = ""


class PostedClaim(msgspec.Struct, frozen=True, gc=False):
    """The claim's books.

    ``posted`` are the ids of the answers whose money was applied; ``charge_differs`` are answers
    of payers that did not answer for exactly the claim's charge. ``waiting_rank`` and
    ``waiting_payer`` name the payer that is expected to answer next (rank 0: none);
    ``waiting_why`` and ``waiting_since`` are those of ``coordination.Wait``.
    """

    entries: tuple[Entry, ...]
    issues: tuple[Issue, ...]
    denials: tuple[DenialItem, ...]
    patient_parts: tuple[PatientPart, ...]
    posted: frozenset[int]
    charge_differs: tuple[int, ...] = ()
    waiting_rank: int = 0
    waiting_payer: str = ""
    waiting_why: str = ""
    waiting_since: date | None = None

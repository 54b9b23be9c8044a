"""Derive claims, journal, denials and exceptions from the facts, and keep the book in step.

New facts never change a figure in place: the documents they touch are judged anew as a whole, and
what differs is appended to the journal (DESIGN section 6.1: any order of files gives the same
balances, undo gives what the remaining files alone would give).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.accounts import AccountKeeper
from medcollect.bookkeeping.cases import build_case
from medcollect.bookkeeping.casework import CaseKeeper
from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derived import DerivedClaim, claim_row
from medcollect.bookkeeping.entered import with_entries
from medcollect.bookkeeping.experience import judging
from medcollect.bookkeeping.filings import judge_filings
from medcollect.bookkeeping.holds import hold_by_confidence, hold_by_payer
from medcollect.bookkeeping.links import (
    NewRows,
    write_document_links,
    write_payment_links,
)
from medcollect.bookkeeping.patient_payments import keep_patient_payments
from medcollect.bookkeeping.people import People
from medcollect.bookkeeping.questions import QuestionKeeper
from medcollect.bookkeeping.refusals import RefusalKeeper
from medcollect.bookkeeping.rejections import RejectionKeeper
from medcollect.bookkeeping.shortfalls import ShortfallKeeper
from medcollect.bookkeeping.silent_denials import SilentKeeper
from medcollect.bookkeeping.small_balances import SmallBalances, kept_apart
from medcollect.bookkeeping.statuses import StatusKeeper
from medcollect.findings import Finding
from medcollect.ledger import post_claim
from medcollect.matching.assign import assign
from medcollect.matching.statuses import learn
from medcollect.money import format_dollars
from medcollect.store.desk import standing_entries
from medcollect.store.engine import allocate
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import claims


class Derived(msgspec.Struct):
    """What one derivation did: claims touched, entries reversed, what people should know."""

    claims: int = 0
    corrections: int = 0
    findings: list[Finding] = []


def derive(
    connection: sa.Connection,
    closure: Closure,
    *,
    import_id: int | None,
    today: date,
    new_documents: NewRows | None = None,
    new_payments: NewRows | None = None,
) -> Derived:
    """Judge a complete closure and bring claims, journal, denials and exceptions in step.

    ``new_documents`` and ``new_payments`` are rows that the book does not hold yet: they are
    written with what comes of them.
    """
    hold_by_payer(closure)
    documents = learn(closure.documents.values(), list(closure.statuses.values()))
    assignment = assign(
        documents,
        closure.payments.values(),
        crowded=closure.crowded,
        open_claims=closure.policies.unmatched == "open",
    )
    hold_by_confidence(closure, assignment)
    people = People(standing_entries(connection))
    cases = [
        (group, with_entries(build_case(group, closure.policies), group, people))
        for group in assignment.groups
    ]
    settled = [DerivedClaim(group=g, case=case, posted=post_claim(case)) for g, case in cases]
    priors = _prior_claims(closure)
    ids = _claim_ids(connection, settled)
    for claim in settled:
        claim.id = ids[claim.group.number]
    write_document_links(connection, settled, new_documents or {})
    StatusKeeper(connection, import_id).keep(closure, settled)
    judge_filings(connection, settled)
    gone = sorted(priors - set(ids.values()))
    corrections = _keep_journal(JournalWriter(connection, import_id, today), closure, settled, gone)
    rows = [claim_row(claim) for claim in settled]
    touched = AccountKeeper(connection, people).keep(
        rows, settled, priors, gone, only_added=new_documents is not None
    )
    paid = keep_patient_payments(connection, touched, import_id, today)
    corrections += paid.corrections
    write_payment_links(connection, assignment, settled, new_payments or {})
    judged_by = judging(connection)
    RefusalKeeper(connection, today, judged_by).keep(closure, settled)
    RejectionKeeper(connection, today, judged_by).keep(settled, priors, gone)
    SilentKeeper(connection, today, judged_by).keep(settled, priors)
    ShortfallKeeper(connection, today, closure.policies).keep(settled, priors, judged_by)
    waiting = closure.policies.waiting
    CaseKeeper(connection, today, waiting, judged_by).keep(settled, priors)
    QuestionKeeper(connection, import_id).keep(closure, assignment, settled)
    small = SmallBalances(connection, closure.policies, import_id, today)
    corrections += small.keep({*touched, *paid.accounts})
    return Derived(len(settled), corrections, list(_charge_findings(settled)))


def _keep_journal(
    journal: JournalWriter, closure: Closure, settled: Sequence[DerivedClaim], gone: Sequence[int]
) -> int:
    """Bring the journal of every claim in step; how many entries that stood were reversed."""
    priors = _prior_claims(closure)
    standing = journal.standing("claim", sorted(priors))
    for claim in settled:
        old = kept_apart(standing.get(claim.id), closure.policies)
        if claim.id not in priors or old is None:
            journal.append("claim", claim.id, claim.posted.entries)
        else:
            journal.keep_in_step("claim", claim.id, old, claim.posted.entries)
    for claim_id in gone:
        journal.keep_in_step("claim", claim_id, standing.get(claim_id, []), ())
    reversed_count = journal.reversed_count
    journal.write()
    return reversed_count


def _charge_findings(settled: Sequence[DerivedClaim]) -> Iterable[Finding]:
    """Payers that answered for another charge than the claim's: the claim's charge stands."""
    for claim in settled:
        if not claim.group.documents or not claim.posted.charge_differs:
            continue
        answers = {p.id: p.payment for p in claim.group.payments}
        for answer in claim.posted.charge_differs:
            payment = answers[answer]
            yield Finding(
                "charge-differs",
                "warning",
                f"Claim C{claim.id:06d} charges {format_dollars(claim.case.charge_cents)}; the "
                f"payer answered for {format_dollars(payment.charge_cents)} (CLP03 at segment "
                f"{payment.segment} of its remittance). The claim's charge stands.",
                "Look at the claim: what the payer did not answer is open with the payer.",
            )


def _prior_claims(closure: Closure) -> set[int]:
    """Claims of the book that the closure's documents belonged to so far."""
    documents = {d.prior_claim for d in closure.documents.values()}
    payments = {p.prior_claim for p in closure.payments.values()}
    return {claim for claim in documents | payments | closure.claims if claim is not None}


def _claim_ids(connection: sa.Connection, settled: Sequence[DerivedClaim]) -> dict[int, int]:
    """Our id for each group: the oldest one of its members that is free, else a new one."""
    ids: dict[int, int] = {}
    taken: set[int] = set()
    for claim in settled:
        free = [c for c in sorted(claim.group.prior_claims()) if c not in taken]
        if free:
            ids[claim.group.number] = free[0]
            taken.add(free[0])
    fresh = [claim.group.number for claim in settled if claim.group.number not in ids]
    if fresh:
        first = allocate(connection, claims, len(fresh))
        ids.update({number: first + place for place, number in enumerate(fresh)})
    return ids

"""From one claim's facts to its journal: DESIGN section 6.

``post_claim`` is a pure function of the claim and its answers, so the order in which files arrive
cannot matter: new facts give a new journal, and the book appends what differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from medcollect.ledger.amounts import (
    Allowed,
    Stated,
    allow_as_stated,
    allow_first,
    allow_later,
    state,
)
from medcollect.ledger.case import Answer, ClaimCase, DenialItem, Issue, PatientPart, PostedClaim
from medcollect.ledger.charging import before_void, charge_entries, is_after, void_entry
from medcollect.ledger.coordination import (
    Wait,
    next_payer,
    resent_wait,
    transfer_failed,
    wait_of,
)
from medcollect.ledger.effects import is_medicare_fee_for_service
from medcollect.ledger.given_up import give_up, without, write_off_postings
from medcollect.ledger.moves import MOVED, standing_moves, to_patient, to_payer, within_open
from medcollect.ledger.parts import (
    is_patients,
    modifiers_of,
    negated,
    parts_of,
    remarks_of,
    share_out,
    with_status,
    write_off_leg,
)
from medcollect.ledger.receivable import Receivable
from medcollect.ledger.refund_cheques import refund_entries
from medcollect.ledger.responsibility import (
    NO_NOTICE_MODIFIER,
    NOTICE_MODIFIERS,
    PartContext,
    held_parts,
    hold_of,
    is_medicare_share,
    medicare_answered,
    protected_lines,
    qmb_applies,
)
from medcollect.ledger.settled import charge_differs, resent_denials, settled_denials
from medcollect.ledger.slots import RANK_BY_STATUS, Slot, is_opening, only_echoes
from medcollect.ledger.standing import standing_answers
from medcollect.model.policies import by_policy
from medcollect.model.posting import (
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PAYER_CASH_REPORTED,
    UNAPPLIED,
    WRITE_OFF,
    Entry,
    Posting,
)

#: Shipped policy: no signed advance notice, Medicare denies, the provider bears it.
_WITHOUT_NOTICE = by_policy("denial:GZ", "write_off.without_notice")


def post_claim(case: ClaimCase) -> PostedClaim:
    """Write one claim's journal from its charge, its payers and their answers; all entries balance.

    What no rule settles comes back as issues.
    """
    posted = _Writer(case).write()
    stands = posted.entries
    if not case.refunds and not (case.voided and case.charges):
        return posted
    if case.voided and case.charges:
        stood = _Writer(before_void(case)).write().entries
        stands = (*stood, void_entry(case.charges[-1], stood, stands))
    return msgspec.structs.replace(posted, entries=(*stands, *refund_entries(case.refunds, stands)))


class _Writer:
    """Writes the journal of one claim, answer by answer, payer by payer."""

    def __init__(self, case: ClaimCase) -> None:
        self.case = case
        self.receivable = Receivable()
        self.entries: list[Entry] = []
        self.denials: list[DenialItem] = []
        self.parts: list[PatientPart] = []
        found = standing_answers(case)
        self.reversed, self.slots, self.echoes = found.reversed, found.slots, found.echoes
        self.issues = found.issues
        self.unposted_pairs = list(self.reversed)
        self.by_claim = len(case.lines) != 1 and any(
            not a.payment.services for s in self.slots for a in s.answers
        )
        self.modifiers = {x.position: frozenset(x.modifiers) for x in case.lines if x.modifiers}
        standing = [a for slot in self.slots for a in slot.answers]
        self.qmb, self.medicare = qmb_applies(standing), medicare_answered(standing)
        self.next_payer = next_payer(self.slots, case.payers) if self.slots else None

    def write(self) -> PostedClaim:
        """Charge, patient payment, every payer in order, then what rules write off."""
        self.entries += charge_entries(self.case, self.receivable, by_claim=self.by_claim)
        self._patient_payment()
        for rank, slot in enumerate(self.slots, start=1):
            self._taken_back(rank, slot.status_rank)
            self._slot(rank, slot)
        self._taken_back(len(self.slots) + 1)
        self._decided_write_offs()
        resent = resent_wait(self.case, self.slots)
        wait = self._moves() or resent or wait_of(self.case, self.slots, self.next_payer)
        return PostedClaim(
            entries=tuple(self.entries),
            issues=tuple(self.issues),
            denials=tuple(self._left_denials(resent)),
            patient_parts=held_parts(self.case, self.parts),
            posted=frozenset(self._posted_answers()),
            charge_differs=tuple(charge_differs(self.case, self.slots)),
            waiting_rank=wait.rank if wait is not None else 0,
            waiting_payer=wait.payer if wait is not None else "",
            waiting_why=wait.why if wait is not None else "",
            waiting_since=wait.since if wait is not None else None,
        )

    def _posted_answers(self) -> Iterable[int]:
        """Ids of the answers whose money stands in the journal."""
        for pair in self.reversed:
            yield pair.original.id
            yield pair.reversal.id
        for answer in self.echoes:
            yield answer.id
        for slot in self.slots:
            for answer in (*slot.answers, *slot.replaced):
                if answer.remittance is not None:
                    yield answer.id

    def _patient_payment(self) -> None:
        """Post what the patient paid at the desk, once per claim."""
        cents = self.case.patient_paid_cents
        postings = [Posting(PATIENT_CASH, cents), Posting(PATIENT_RECEIVABLE, -cents)]
        if cents:
            day = self.case.patient_paid_date
            self._enter("patient_payment", self.case.charge_document, day, postings)

    def _enter(self, cause: str, document: int, day: date | None, postings: list[Posting]) -> None:
        """Append a journal entry unless nothing moves."""
        if postings:
            self.entries.append(Entry(cause, document, day, tuple(postings)))

    # -- answers that were taken back -------------------------------------------------------

    def _taken_back(self, rank: int, status_rank: int | None = None) -> None:
        """Post originals with their reversals: those of one payer rank, or all that are left.

        The original is posted on a copy of the books and followed by its exact negation, so that
        together they move nothing.
        """
        for pair in [*self.unposted_pairs] if self.unposted_pairs else ():
            original, reversal = pair.original, pair.reversal
            if status_rank not in {None, RANK_BY_STATUS[original.payment.status]}:
                continue
            self.unposted_pairs.remove(pair)
            kept = self.receivable
            self.receivable = kept.copy()
            last = rank >= len(self.slots) and self.next_payer is None
            stated = self._state(original)
            allowed = self._allow(rank, stated, kept.total())
            postings = self._answer_postings(rank, stated, allowed, last=last)
            told_by = original.told_by(self.case.charge_document)
            self._enter(*told_by, original.payment_date, postings)
            if self._is_void(reversal):
                self.receivable = kept.copy()
                postings = self._answer_postings(rank, stated, Allowed(0, 0, 0, []), last=last)
            self.receivable = kept
            turned = [negated(posting, reversal.remittance) for posting in postings]
            self._enter("reversal", reversal.id, reversal.payment_date, turned)

    # -- answers that stand -----------------------------------------------------------------

    def _slot(self, rank: int, slot: Slot) -> None:
        """Post one payer's standing answers."""
        last = rank == len(self.slots) and self.next_payer is None
        open_at_start = self.receivable.total()
        self.issues += self._refused_though_settled(rank, slot, open_at_start)
        for answer in slot.answers:
            stated = self._state(answer)
            allowed = self._allow(rank, stated, open_at_start)
            echo = ("denial_exceeds_open",) if only_echoes(answer) else ()  # says nothing new
            self.issues += [issue for issue in allowed.issues if issue.kind not in echo]
            postings = self._answer_postings(rank, stated, allowed, last=last)
            told_by = answer.told_by(self.case.charge_document)
            self._enter(*told_by, answer.payment_date, postings)
            if not self._is_void(answer):
                self._note_denials(stated, allowed)
                self._write_off_without_notice(rank, stated)
                self._patient_parts(slot, stated, allowed, last=last)

    def _refused_though_settled(self, rank: int, slot: Slot, open_cents: int) -> Iterable[Issue]:
        """Replaced answers that refused what was settled before: nothing else would show it."""
        refused = [a for a in slot.replaced if rank > 1 and not only_echoes(a)]
        for answer in refused:
            found = self._allow(rank, self._state(answer), open_cents).issues
            yield from (i for i in found if i.kind == "denial_exceeds_open")

    def _state(self, answer: Answer) -> Stated:
        """An answer sorted by effect and line, under the office's policies."""
        return state(answer, by_claim=self.by_claim, policies=self.case.policies)

    def _is_void(self, answer: Answer) -> bool:
        """Whether the claim was taken back when the answer came."""
        return self.case.voided or is_after(answer.payment_date, self.case.void_day)

    def _scope(self, stated: Stated) -> frozenset[int] | None:
        """The lines an answer speaks of, ``None`` for the whole claim."""
        answer = stated.answer
        if self.by_claim or answer.payment.charge_cents == self.case.charge_cents:
            return None
        lines = frozenset(answer.pairs)
        charged = sum(x.charge_cents for x in self.case.lines if x.position in lines)
        fits = lines and 0 not in lines and charged == answer.payment.charge_cents
        return lines if fits else None

    def _allow(self, rank: int, stated: Stated, open_at_start: int) -> Allowed:
        """What of an answer stands; on a void claim only its money does."""
        if self._is_void(stated.answer):
            return Allowed(0, 0, 0, [])
        if is_opening(self.slots) or stated.answer.payment.is_reversal:
            return allow_as_stated(stated)
        scope = self._scope(stated)
        open_before = self.receivable.total(scope)
        if rank == 1:
            return allow_first(stated, open_before)
        charge = (
            self.case.charge_cents
            if scope is None
            else sum(x.charge_cents for x in self.case.lines if x.position in scope)
        )
        settled = charge - (open_at_start if scope is None else open_before)
        denied = sum(
            d.cents
            for d in self.denials
            if d.status == "open" and (scope is None or d.line in scope)
        )
        return allow_later(stated, open_before, settled, denied)

    def _answer_postings(
        self, rank: int, stated: Stated, allowed: Allowed, *, last: bool
    ) -> list[Posting]:
        """The postings of one answer: money, write-offs, then the patient's part."""
        answer = stated.answer
        cash = UNAPPLIED if answer.remittance is not None else PAYER_CASH_REPORTED
        postings = []
        paid = answer.payment.paid_cents
        if paid or stated.paid_by_line:
            if paid:
                postings.append(Posting(cash, paid, 0, 0, answer.remittance))
            for line, cents in sorted(stated.paid_by_line.items()):
                postings += self.receivable.take(line, rank, cents)
        for part, cents in share_out(parts_of(stated, "write_off"), allowed.write_off):
            postings.append(write_off_leg(part, cents))
            postings += self.receivable.take(part.line, rank, cents)
        for part, cents in share_out(parts_of(stated, "patient"), allowed.patient):
            postings += self.receivable.take(part.line, rank, cents)
            if is_patients(part, last=last):
                detail = f"PR-{part.adjustment.reason}"
                postings.append(Posting(PATIENT_RECEIVABLE, cents, part.line, 0, None, detail))
            else:
                postings += self.receivable.add(part.line, rank + 1, cents)
        return postings

    # -- denials and the patient's part ------------------------------------------------------

    def _note_denials(self, stated: Stated, allowed: Allowed) -> None:
        """Record what was refused; amounts beyond what was open are not denials of ours."""
        answer = stated.answer
        if not any(part.denied for part in stated.parts):
            return
        ours = share_out(parts_of(stated, "denial"), allowed.denied)
        for part, cents in ours + share_out(parts_of(stated, "patient"), allowed.patient):
            if not part.denied or cents <= 0:
                continue
            notice = part.effect == "patient" and bool(
                modifiers_of(answer, part, self.modifiers) & NOTICE_MODIFIERS
            )
            self.denials.append(
                DenialItem(
                    answer=answer.id,
                    service=part.service,
                    line=part.line,
                    group=part.adjustment.group,
                    reason=part.adjustment.reason,
                    cents=cents,
                    status="notice" if notice else "open",
                    remarks=remarks_of(answer, part.service),
                )
            )

    def _write_off_without_notice(self, rank: int, stated: Stated) -> None:
        """Shipped policy: Medicare denials of lines sent with GZ are the provider's loss."""
        answer = stated.answer
        on = self.case.policies.write_off_without_notice
        if not on or not is_medicare_fee_for_service(answer.payment):
            return
        postings: list[Posting] = []
        for number, item in enumerate(self.denials):
            if item.answer != answer.id or item.group == "PR" or item.status != "open":
                continue
            part = next(
                p
                for p in stated.parts
                if p.service == item.service and p.adjustment.reason == item.reason
            )
            if NO_NOTICE_MODIFIER not in modifiers_of(answer, part, self.modifiers):
                continue
            postings.append(Posting(WRITE_OFF, item.cents, item.line, detail=_WITHOUT_NOTICE))
            postings += self.receivable.take(item.line, rank, item.cents)
            self.denials[number] = with_status(item, "written_off")
        self._enter("policy", answer.id, answer.payment_date, postings)

    def _decided_write_offs(self) -> None:
        """What people gave up of the answers that stand; with its answer a decision falls."""
        if not self.case.write_offs:
            return
        standing = {a.id: (n, a) for n, s in enumerate(self.slots, start=1) for a in s.answers}
        for decided in self.case.write_offs:
            if decided.answer not in standing or self.case.voided:
                continue
            rank, answer = standing[decided.answer]
            if decided.refused:
                postings, self.denials = give_up(decided, self.receivable, self.denials, rank)
            else:
                postings = write_off_postings(
                    decided, self._state(answer), self.receivable, self.denials, rank
                )
            given = sum(leg.cents for leg in postings if leg.account == WRITE_OFF)
            self.issues = without(self.issues, decided, given)
            self._enter("decision", answer.id, decided.day or answer.payment_date, postings)

    def _moves(self) -> Wait | None:
        """What people moved since the last answer, and the payer that waits for it now."""
        wait, rank = None, len(self.slots)
        answered = [a.payment_date for slot in self.slots for a in slot.answers]
        moves = () if self.case.voided else standing_moves(self.case.moves, answered, qmb=self.qmb)
        for moved in moves:
            move = moved.move
            if move.to == "patient":
                kept = protected_lines(self.denials, self.case.answers, self.modifiers)
                postings = to_patient(moved, self.receivable, kept, self.parts)
                self.denials = within_open(self.denials, self.receivable)
            else:
                postings = to_payer(moved, self.receivable, rank + 1, self.parts)
                wait = Wait(rank + 1, move.payer, MOVED, move.day) if postings else wait
            self._enter(MOVED, moved.number, move.day, postings)
        return wait

    def _patient_parts(self, slot: Slot, stated: Stated, allowed: Allowed, *, last: bool) -> None:
        """Explain the patient's part and write off what law forbids to collect."""
        answer = stated.answer
        postings: list[Posting] = []
        patients = share_out(parts_of(stated, "patient"), allowed.patient)
        failed = bool(patients) and transfer_failed(slot)
        for part, cents in patients:
            if not is_patients(part, last=last):
                continue
            context = PartContext(
                reason=part.adjustment.reason,
                plan=answer.payment.filing_indicator,
                is_denied=part.denied,
                remarks=frozenset(remarks_of(answer, part.service)),
                modifiers=modifiers_of(answer, part, self.modifiers),
                qmb=self.qmb,
                medicare=self.medicare,
                transfer_failed=failed,
            )
            if self.qmb and is_medicare_share(context):
                postings.append(Posting(WRITE_OFF, cents, part.line, detail="not_collectible:QMB"))
                detail = f"PR-{part.adjustment.reason}"
                postings.append(Posting(PATIENT_RECEIVABLE, -cents, part.line, detail=detail))
                continue
            hold = hold_of(context)
            self.parts.append(PatientPart(answer.id, part.line, context.reason, cents, hold))
        self._enter("policy", answer.id, answer.payment_date, postings)

    def _left_denials(self, resent: Wait | None) -> Iterable[DenialItem]:
        """What of the denials is left after every payer, and who has it now."""
        last = self.slots[-1].answers if self.slots else []
        again = self.slots[resent.rank - 1].answers if resent is not None else []
        left = settled_denials(self.denials, last, self.receivable, by_claim=self.by_claim)
        return resent_denials(left, {a.id for a in again})

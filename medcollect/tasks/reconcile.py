"""Cash to the bank: which deposit brought which remittance's money, and what is missing.

Worked out anew each time from the deposits, the remittances and people's decisions: nothing is
stored that could go stale, so any order of files and any undo gives the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.remittances import ACTIVE, HOLD_REASONS
from medcollect.ids import name
from medcollect.matching.card_batches import CardBatch, match_card_batches
from medcollect.matching.deposits import reconcile_deposits
from medcollect.model.bank_match import (
    BankDeposit,
    BankMatch,
    ExpectedPayment,
    Pair,
    PaymentCandidate,
    Ties,
)
from medcollect.money import format_cents, parse_cents
from medcollect.store import facts
from medcollect.store.bank import (
    DEPOSIT_ASIDE,
    NO_DEPOSIT_DUE,
    NOT_SAME_MONEY,
    SAME_MONEY,
    bank_decisions,
    standing_deposits,
)
from medcollect.store.engine import Store
from medcollect.store.patient_payments import card_payments
from medcollect.store.tables import remittances
from medcollect.tasks.figures import text_of
from medcollect.tasks.open_cheques import open_cheques

Row = dict[str, Any]

#: By this method (BPR04) no money moves through the bank.
_NO_MONEY = "NON"

RULES = {
    "person": "tied by a person",
    "trace_and_amount": "same trace number and amount",
    "checks_of_the_deposit": "the checks that the bank lists in it",
    "amount_date_and_payer": "same amount and payer, at most three bank days apart",
    "sum_of_checks": "the only set of checks that adds up to it",
    "trace": "same trace number, other amount",
    "card_batch": "what patients paid by card on one day, at most three bank days before",
}

#: Days of age from which the next sentence holds.
_DEPOSIT_ADVICE = (
    (0, "Wait for the remittance: payers send it within three bank days of the money."),
    (6, "Ask the clearing house, then the payer, for the remittance (835) of this payment."),
    (31, "Ask the payer for the remittance in writing, or post its paper notice by hand."),
)
_PAYMENT_ADVICE = (
    (0, "Wait for the deposit: it comes within three bank days, a check in the mail later."),
    (6, "Look for the check or the transfer; name the payer's trace number to the bank."),
    (15, "Ask the payer whether the payment was made and to which account; have it traced."),
)
_CARD_ADVICE = "look at the terminal's reports, then set the deposit aside."
_RETURN_ADVICE = (
    "The bank took money back: find the payment it was; a patient's is entered with bounce."
)


class BankWork(msgspec.Struct, frozen=True):
    """Everything that reconciling looks at."""

    deposits: list[BankDeposit]
    payments: list[ExpectedPayment]
    rows: dict[int, Row]
    ties: Ties
    card_batches: list[CardBatch] = []


def view_reconciliation(store: Store, *, today: date | None = None) -> Row:
    """Deposits without a remittance, remittances without a deposit, differences, and the proof.

    And the refund cheques that are not known to have left the bank.
    Each with its age in days on ``today`` and what to do about it.
    """
    day = today or dates.today()
    with store.reading() as connection:
        work = load_work(connection)
        cheques = open_cheques(connection, day)
    answer = _View(work, day).answer()
    outstanding = sum(parse_cents(row["amount"]) or 0 for row in cheques)
    answer["totals"]["refund_cheques"] = format_cents(outstanding)
    return {**answer, "refund_cheques": cheques}


def load_work(connection: sa.Connection) -> BankWork:
    """Deposits, payments and people's decisions, from the book."""
    query = sa.select(remittances).where(remittances.c.status == ACTIVE)
    rows = [dict(r._mapping) for r in connection.execute(query.order_by(remittances.c.id))]
    groups: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        # A payment issued again and released by a person is money of its own.
        issue = row["import_id"] if row["reissue"] else 0
        groups[row["payment_key"] or f"#{row['id']}", issue].append(row)
    payments = [_payment(members) for members in groups.values()]
    owner = {number: p.id for p in payments for number in p.remittances}
    deposits = standing_deposits(connection)
    ties = _ties(bank_decisions(connection), owner)
    batches = list(_card_batches(card_payments(connection)))
    return BankWork(deposits, payments, {row["id"]: row for row in rows}, ties, batches)


def _card_batches(paid: Iterable[tuple[date, int, int]]) -> Iterator[CardBatch]:
    """Each day's card payments as what a terminal settles."""
    days: dict[date, dict[int, int]] = defaultdict(dict)
    for day, number, cents in paid:
        days[day][number] = cents
    for day, members in sorted(days.items()):
        yield CardBatch(day, sum(members.values()), tuple(members))


def _payment(members: Sequence[Row]) -> ExpectedPayment:
    """All transactions of one payment as one."""
    first = members[0]
    return ExpectedPayment(
        id=first["id"],
        remittances=tuple(row["id"] for row in members),
        trace_number=first["trace_number"],
        payer_trace_id=facts.decode_header(first["document"]).payer_trace_id,
        payer_name=first["payer_name"],
        payment_date=first["payment_date"],
        method=first["payment_method"],
        cents=sum(row["payment_cents"] for row in members),
    )


def _ties(decisions: Iterable[Any], owner: dict[int, int]) -> Ties:
    """People's decisions as matching takes them."""
    pairs: dict[str, set[Pair]] = {SAME_MONEY: set(), NOT_SAME_MONEY: set()}
    aside: dict[str, set[int]] = {DEPOSIT_ASIDE: set(), NO_DEPOSIT_DUE: set()}
    for row in decisions:
        if row.kind in pairs and row.remittance_id in owner:
            pairs[row.kind].add(Pair(row.deposit_id, owner[row.remittance_id]))
        elif row.kind == DEPOSIT_ASIDE:
            aside[row.kind].add(row.deposit_id)
        elif row.kind == NO_DEPOSIT_DUE and row.remittance_id in owner:
            aside[row.kind].add(owner[row.remittance_id])
    return Ties(
        together=frozenset(pairs[SAME_MONEY]),
        apart=frozenset(pairs[NOT_SAME_MONEY]),
        deposits_aside=frozenset(aside[DEPOSIT_ASIDE]),
        payments_aside=frozenset(aside[NO_DEPOSIT_DUE]),
    )


class _View:
    """The answer, from what was loaded."""

    def __init__(self, work: BankWork, today: date) -> None:
        self.work = work
        self.today = today
        self.deposits = {d.id: d for d in work.deposits}
        self.payments = {p.id: p for p in work.payments}
        due = [p for p in work.payments if p.cents and p.method != _NO_MONEY]
        self.due = {p.id for p in due} - work.ties.payments_aside
        tied = {pair.payment for pair in work.ties.together} - self.due
        asked = [*due, *(self.payments[number] for number in sorted(tied - {p.id for p in due}))]
        self.found = reconcile_deposits(work.deposits, asked, work.ties)
        free = [
            self.deposits[number]
            for number, could_be in self.found.candidates.items()
            if all(candidate.why_not for candidate in could_be)
        ]
        self.cards = match_card_batches(free, work.card_batches)
        self.unmatched = [d for d in self.found.candidates if d not in self.cards.batches]

    def answer(self) -> Row:
        """Every list and the totals."""
        found = self.found
        tied = {p for m in (*found.matches, *found.differences) for p in m.payments}
        lists = {
            "deposits": [self._open_deposit(self.deposits[d]) for d in self.unmatched],
            "remittances": [self._open_payment(self.payments[p]) for p in sorted(self.due - tied)],
            "differences": self._joined([*found.differences, *self._uneven()]),
            "matched": self._joined([m for m in found.matches if not self._difference(m)]),
            "card_batches": [self._cards(d, b) for d, b in self.cards.batches.items()],
            "set_aside": [self._aside(d) for d in sorted(self._aside_ids())],
            "not_expected": [
                self._payment(self.payments[p])
                for p in sorted(set(self.payments) - self.due - tied)
            ],
        }
        for key in ("deposits", "remittances", "differences"):
            lists[key].sort(key=lambda row: -(row["age_days"] or 0))
        return {"as_of": self.today.isoformat(), **lists, "totals": self._totals(lists)}

    def _uneven(self) -> list[BankMatch]:
        """What people tied although the amounts differ."""
        return [m for m in self.found.matches if self._difference(m)]

    def _aside_ids(self) -> set[int]:
        return set(self.work.ties.deposits_aside & self.deposits.keys())

    def _difference(self, match: BankMatch) -> int:
        """Cents that the bank received beyond what the remittances say."""
        received = sum(self.deposits[d].cents for d in match.deposits)
        return received - sum(self.payments[p].cents for p in match.payments)

    def _joined(self, matches: Sequence[BankMatch]) -> list[Row]:
        """Matches with both sides."""
        rows = []
        for match in matches:
            ages = [self._age(self.deposits[d].deposit.deposit_date) or 0 for d in match.deposits]
            row = {
                "deposits": [self._deposit(self.deposits[d]) for d in match.deposits],
                "remittances": [self._payment(self.payments[p]) for p in match.payments],
                "rule": match.rule,
                "why": RULES[match.rule],
                "difference": format_cents(self._difference(match)),
                "age_days": max(ages),
            }
            if self._difference(match):
                row["action"] = (
                    "Compare the payer's remittance with the bank's advice; ask the payer which "
                    "amount is right."
                )
            rows.append(row)
        return rows

    def _age(self, day: date | None) -> int | None:
        return (self.today - day).days if day is not None else None

    def _deposit(self, deposit: BankDeposit) -> Row:
        told = deposit.deposit
        return {
            "id": name("B", deposit.id),
            "deposit_date": told.deposit_date.isoformat(),
            "amount": format_cents(deposit.cents),
            "kind": told.kind,
            "payer": told.payer_name,
            "trace_number": told.trace_number,
            "reference": told.reference,
            "account_ending": told.account_ending,
        }

    def _cards(self, number: int, batch: CardBatch) -> Row:
        """A deposit with the day of patients' card payments that it brought."""
        return {
            "deposit": self._deposit(self.deposits[number]),
            "day": batch.day.isoformat(),
            "amount": format_cents(batch.cents),
            "patient_payments": [name("M", payment) for payment in batch.payments],
            "rule": "card_batch",
            "why": RULES["card_batch"],
        }

    def _open_deposit(self, deposit: BankDeposit) -> Row:
        """A deposit without a remittance, with what it could be."""
        age = self._age(deposit.deposit.deposit_date) or 0
        advice = _RETURN_ADVICE if deposit.cents < 0 else _advice(_DEPOSIT_ADVICE, age)
        candidates = [self._candidate(c) for c in self.found.candidates[deposit.id]]
        if candidates and deposit.cents >= 0:
            first = candidates[0]["remittance"]
            advice = (
                "Look at the candidates; tie the right one: medcollect reconcile --match "
                f"{name('B', deposit.id)} {first}"
            )
        if days := self.cards.choices.get(deposit.id):
            listed = " or ".join(day.isoformat() for day in days)
            advice = f"It equals the patients' card payments of {listed}: {_CARD_ADVICE}"
        return {
            **self._deposit(deposit),
            "age_days": age,
            "candidates": candidates,
            "action": advice,
        }

    def _candidate(self, candidate: PaymentCandidate) -> Row:
        payment = self.payments[candidate.payment]
        return {
            "remittance": name("R", payment.id),
            "payer": payment.payer_name,
            "trace_number": payment.trace_number,
            "payment_date": text_of(payment.payment_date),
            "amount": format_cents(payment.cents),
            "why": list(candidate.why),
            "why_not": list(candidate.why_not),
        }

    def _payment(self, payment: ExpectedPayment) -> Row:
        """A payment with what holds its remittances, if anything does."""
        holds = {self.work.rows[r]["held"] for r in payment.remittances} - {""}
        return {
            "id": name("R", payment.id),
            "remittances": [name("R", number) for number in payment.remittances],
            "payment_date": text_of(payment.payment_date),
            "amount": format_cents(payment.cents),
            "payer": payment.payer_name,
            "trace_number": payment.trace_number,
            "payment_method": payment.method,
            "held": sorted(holds),
            "held_reason": " ".join(HOLD_REASONS[held] for held in sorted(holds)),
        }

    def _open_payment(self, payment: ExpectedPayment) -> Row:
        """A payment without a deposit."""
        age = self._age(payment.payment_date)
        action = _advice(_PAYMENT_ADVICE, age or 0)
        return {**self._payment(payment), "age_days": age, "action": action}

    def _aside(self, number: int) -> Row:
        return self._deposit(self.deposits[number])

    def _totals(self, lists: dict[str, list[Row]]) -> Row:
        """Sums of both sides; each is exactly the sum of its parts."""
        even = [m for m in self.found.matches if not self._difference(m)]
        uneven = [*self.found.differences, *self._uneven()]
        received = {
            "matched": self._received(even),
            "different": self._received(uneven),
            "unmatched": sum(self.deposits[d].cents for d in self.unmatched),
            "patient_cards": sum(batch.cents for batch in self.cards.batches.values()),
            "set_aside": sum(self.deposits[d].cents for d in self._aside_ids()),
        }
        open_ids = [int(row["id"][1:]) for row in lists["remittances"]]
        quiet_ids = [int(row["id"][1:]) for row in lists["not_expected"]]
        announced = {
            "matched": self._announced(even),
            "different": self._announced(uneven),
            "unmatched": sum(self.payments[p].cents for p in open_ids),
            "not_expected": sum(self.payments[p].cents for p in quiet_ids),
        }
        return {
            "deposits": _as_text(received, sum(d.cents for d in self.deposits.values())),
            "remittances": _as_text(announced, sum(p.cents for p in self.payments.values())),
            "difference": format_cents(received["different"] - announced["different"]),
        }

    def _received(self, matches: Sequence[BankMatch]) -> int:
        return sum(self.deposits[d].cents for m in matches for d in m.deposits)

    def _announced(self, matches: Sequence[BankMatch]) -> int:
        return sum(self.payments[p].cents for m in matches for p in m.payments)


def _as_text(parts: dict[str, int], total: int) -> Row:
    """Parts and their total, which must be their sum."""
    if sum(parts.values()) != total:
        raise AssertionError("the parts of a reconciliation do not add up to its total")
    return {
        **{key: format_cents(cents) for key, cents in parts.items()},
        "total": format_cents(total),
    }


def _advice(table: Sequence[tuple[int, str]], age: int) -> str:
    """What to do at an age in days."""
    return next((text for start, text in reversed(table) if age >= start), table[0][1])

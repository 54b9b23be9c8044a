"""Which deposit brought which remittance's money: claim_rules.md 3.5.

People's ties stand first. Then, each only where both sides have no other choice:

1. the trace number and the amount (the TRN segment in the addenda, or the check's number);
2. the checks that the bank lists in a lockbox deposit, each by its number and amount;
3. the amount, within three bank days, and the payer's name;
4. one deposit of several checks: the only set of checks that adds up to it.

There is no tolerance on money. A payment that comes in several transactions is one payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from medcollect.bank.calendar import bank_days_between
from medcollect.matching.bank_names import same_payer, trace_key
from medcollect.matching.batches import only_batch
from medcollect.model.bank_match import (
    BankDeposit,
    BankMatch,
    ExpectedPayment,
    Pair,
    PaymentCandidate,
    Reconciled,
    Ties,
)
from medcollect.model.deposit import DepositItem

WINDOW_BANK_DAYS = 3
#: A check travels by mail before it is deposited.
MAIL_BANK_DAYS = 10
#: A candidate shown to a person may be this far away.
_SHOWN_BANK_DAYS = 15
_SHOWN_MOST = 5
#: More calendar days than any window has bank days, holidays and all.
_FAR_DAYS = 40

_BY_CHECK = frozenset({"CHK"})
_BY_WIRE = frozenset({"ACH", "FWT", "BOP"})
_PAPER = frozenset({"lockbox", "check", "cash"})

Candidates = dict[int, list[int]]
_Index = dict[object, list[ExpectedPayment]]


def reconcile_deposits(
    deposits: Sequence[BankDeposit], payments: Sequence[ExpectedPayment], ties: Ties
) -> Reconciled:
    """Tie deposits to the payments that remittances announce, as far as the rules are certain."""
    return _Reconciler(deposits, payments, ties).run()


class _Reconciler:
    """Deposits and payments that are still free, and what was tied so far."""

    def __init__(
        self, deposits: Sequence[BankDeposit], payments: Sequence[ExpectedPayment], ties: Ties
    ) -> None:
        self.ties = ties
        self.deposits = {d.id: d for d in deposits if d.id not in ties.deposits_aside}
        self.payments = {p.id: p for p in payments if p.id not in ties.payments_aside}
        self.matches: list[BankMatch] = []

    def run(self) -> Reconciled:
        """People's ties, then the rules in their order, then what is left to a person."""
        self._by_person()
        self._by_rule("trace_and_amount", self._same_trace)
        self._by_items()
        self._by_rule("amount_date_and_payer", self._same_amount)
        self._by_batch()
        differences = tuple(self._differences())
        by_trace = self._index(lambda p: trace_key(p.trace_number))
        by_amount = self._index(lambda p: p.cents)
        return Reconciled(
            matches=tuple(self.matches),
            differences=differences,
            candidates={
                d: tuple(self._candidates(deposit, by_trace, by_amount))
                for d, deposit in self.deposits.items()
            },
        )

    def _take(
        self, deposits: Iterable[int], payments: Iterable[int], rule: str, into: list[BankMatch]
    ) -> None:
        """Tie these and take them off the lists."""
        match = BankMatch(tuple(sorted(deposits)), tuple(sorted(payments)), rule)
        into.append(match)
        for deposit in match.deposits:
            del self.deposits[deposit]
        for payment in match.payments:
            del self.payments[payment]

    def _by_person(self) -> None:
        """Whatever people tied together hangs together; amounts that differ are shown as such."""
        for deposits, payments in _components(self.ties.together):
            if deposits <= self.deposits.keys() and payments <= self.payments.keys():
                self._take(deposits, payments, "person", self.matches)

    # -- one deposit, one payment ------------------------------------------------------------

    def _by_rule(self, rule: str, finder: Callable[[], Candidates]) -> None:
        """Tie each deposit and payment that have only each other."""
        found = finder()
        claims: dict[int, int] = defaultdict(int)
        for payments in found.values():
            for payment in payments:
                claims[payment] += 1
        for deposit, payments in found.items():
            if len(payments) == 1 and claims[payments[0]] == 1:
                self._take([deposit], payments, rule, self.matches)

    def _same_trace(self) -> Candidates:
        """Payments with a deposit's trace number and amount."""
        by_trace = self._index(lambda p: (trace_key(p.trace_number), p.cents))
        found: Candidates = {}
        for deposit in self.deposits.values():
            key = trace_key(deposit.deposit.trace_number)
            fitting = by_trace.get((key, deposit.cents), []) if key else []
            found[deposit.id] = [p.id for p in fitting if self._may(deposit, p)]
        return found

    def _same_amount(self) -> Candidates:
        """Payments of a deposit's amount and payer, within the window."""
        by_amount = self._index(lambda p: p.cents)
        return {
            d.id: [
                p.id
                for p in by_amount.get(d.cents, [])
                if not self._why_not(d, p, WINDOW_BANK_DAYS)
            ]
            for d in self.deposits.values()
        }

    def _index(self, key: Callable[[ExpectedPayment], object]) -> _Index:
        found: _Index = defaultdict(list)
        for payment in self.payments.values():
            found[key(payment)].append(payment)
        return found

    def _may(self, deposit: BankDeposit, payment: ExpectedPayment) -> bool:
        """Whether nothing speaks against a pair whose trace numbers agree."""
        ids = {deposit.deposit.payer_trace_id, payment.payer_trace_id} - {""}
        return len(ids) < 2 and Pair(deposit.id, payment.id) not in self.ties.apart

    def _why_not(self, deposit: BankDeposit, payment: ExpectedPayment, window: int) -> list[str]:
        """What speaks against a pair of the same amount."""
        told = deposit.deposit
        reasons = []
        if Pair(deposit.id, payment.id) in self.ties.apart:
            reasons.append("a person said that they do not belong together")
        if told.payer_trace_id and trace_key(told.trace_number) != trace_key(payment.trace_number):
            reasons.append("the trace numbers differ")
        if not _methods_agree(told.kind, payment.method):
            reasons.append("the ways of payment differ")
        if not _near(deposit, payment, window):
            reasons.append(f"more than {window} bank days apart")
        if not same_payer(payment.payer_name, told.payer_name, told.description):
            reasons.append("the bank does not name this payer")
        return reasons

    # -- one deposit, several checks ---------------------------------------------------------

    def _by_items(self) -> None:
        """Lockbox deposits whose checks the bank lists: each by number and amount, or none."""
        found: dict[int, list[int]] = {}
        claims: dict[int, int] = defaultdict(int)
        by_trace = self._index(lambda p: (trace_key(p.trace_number), p.cents))
        for deposit in self.deposits.values():
            payments = [p for i in deposit.deposit.items for p in _of_item(i, by_trace)]
            whole = sum(p.cents for p in payments) == deposit.cents
            if payments and whole and all(self._may(deposit, p) for p in payments):
                found[deposit.id] = [p.id for p in payments]
                for payment in payments:
                    claims[payment.id] += 1
        for number, numbers in found.items():
            if all(claims[p] == 1 for p in numbers):
                self._take([number], numbers, "checks_of_the_deposit", self.matches)

    def _by_batch(self) -> None:
        """Deposits that exactly one set of checks adds up to, and no other deposit wants one of."""
        checks = sorted(
            (p for p in self.payments.values() if p.method in _BY_CHECK and p.cents > 0),
            key=lambda p: (p.payment_date is None, p.payment_date, p.id),
        )
        found: dict[int, tuple[int, ...]] = {}
        claims: dict[int, int] = defaultdict(int)
        for deposit in self.deposits.values():
            if deposit.deposit.kind not in {"lockbox", "check", "other"} or deposit.cents <= 0:
                continue
            near = [
                (p.id, p.cents)
                for p in checks
                if _mailed(deposit, p) and Pair(deposit.id, p.id) not in self.ties.apart
            ]
            smallest = 1 if deposit.deposit.kind == "lockbox" else 2
            batch = only_batch(near, deposit.cents)
            if len(batch) >= smallest:
                found[deposit.id] = batch
                for payment in batch:
                    claims[payment] += 1
        for number, batch in found.items():
            if all(claims[p] == 1 for p in batch):
                self._take([number], batch, "sum_of_checks", self.matches)

    # -- what is left --------------------------------------------------------------------------

    def _differences(self) -> Iterator[BankMatch]:
        """Pairs whose trace numbers agree and whose amounts do not."""
        by_trace = self._index(lambda p: trace_key(p.trace_number))
        found: Candidates = {}
        claims: dict[int, int] = defaultdict(int)
        for deposit in self.deposits.values():
            key = trace_key(deposit.deposit.trace_number)
            fitting = by_trace.get(key, []) if key else []
            found[deposit.id] = [
                p.id
                for p in fitting
                if p.cents != deposit.cents
                and self._may(deposit, p)
                and _near(deposit, p, MAIL_BANK_DAYS)
            ]
            for payment in found[deposit.id]:
                claims[payment] += 1
        differences: list[BankMatch] = []
        for number, payments in found.items():
            if len(payments) == 1 and claims[payments[0]] == 1:
                self._take([number], payments, "trace", differences)
        yield from differences

    def _candidates(
        self, deposit: BankDeposit, by_trace: _Index, by_amount: _Index
    ) -> list[PaymentCandidate]:
        """Free payments that could be a deposit's, the likeliest first, with the pros and cons."""
        key = trace_key(deposit.deposit.trace_number)
        same_trace = {p.id: p for p in (by_trace.get(key, []) if key else [])}
        same_amount = {
            p.id: p for p in by_amount.get(deposit.cents, []) if _near(deposit, p, _SHOWN_BANK_DAYS)
        }
        shown = []
        for payment in {**same_trace, **same_amount}.values():
            traced, fits = payment.id in same_trace, payment.cents == deposit.cents
            why = ["same trace number"] * traced + ["same amount"] * fits
            why_not = [] if fits else ["the amounts differ"]
            why_not += self._why_not(deposit, payment, WINDOW_BANK_DAYS)
            shown.append(PaymentCandidate(payment.id, tuple(why), tuple(why_not)))
        return sorted(shown, key=lambda c: (len(c.why_not), c.payment))[:_SHOWN_MOST]


def _of_item(item: DepositItem, by_trace: _Index) -> list[ExpectedPayment]:
    """The payment of one check of a lockbox deposit, where it is the only one."""
    key = trace_key(item.trace_number)
    fitting = by_trace.get((key, item.amount_cents), []) if key else []
    return fitting if len(fitting) == 1 else []


def _near(deposit: BankDeposit, payment: ExpectedPayment, window: int) -> bool:
    """Whether a payment's date is within so many bank days of the deposit."""
    return -window <= _days_between(payment, deposit) <= window


def _mailed(deposit: BankDeposit, payment: ExpectedPayment) -> bool:
    """Whether a check can have come by mail and been deposited that day."""
    return -WINDOW_BANK_DAYS <= _days_between(payment, deposit) <= MAIL_BANK_DAYS


def _days_between(payment: ExpectedPayment, deposit: BankDeposit) -> int:
    """Bank days from a payment's date to its deposit; what is far apart is not counted out."""
    day = payment.payment_date
    if day is None:
        return _FAR_DAYS
    apart = (deposit.deposit.deposit_date - day).days
    return apart if abs(apart) > _FAR_DAYS else bank_days_between(day, deposit.deposit.deposit_date)


def _methods_agree(kind: str, method: str) -> bool:
    """Whether a kind of deposit can bring a payment of this method (BPR04)."""
    if method in _BY_CHECK:
        return kind not in {"ach", "wire", "card"}
    return not (method in _BY_WIRE and kind in _PAPER)


def _components(pairs: Iterable[Pair]) -> Iterator[tuple[set[int], set[int]]]:
    """Deposits and payments that hang together by ties."""
    left = set(pairs)
    while left:
        first = min(left, key=msgspec.structs.astuple)
        deposits, payments = {first.deposit}, {first.payment}
        while joined := {p for p in left if p.deposit in deposits or p.payment in payments}:
            left -= joined
            deposits |= {p.deposit for p in joined}
            payments |= {p.payment for p in joined}
        yield deposits, payments

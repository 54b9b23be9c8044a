"""What an office has decided beforehand: its policies, as plain records handed down to the rules.

A policy says what posts by itself, what an adjustment does, what is written off and how long a
payer is waited for. It names payers and the days of payment it holds for; of several rules that
fit, the first one counts. Every automatic decision carries the policy's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal, TypeVar

import msgspec

Effect = Literal["write_off", "patient", "prior_payer", "denial", "undecided"]
Automatic = Literal["all", "confident", "none"]
Unmatched = Literal["open", "hold"]
After = Literal["last_answer", "first_answer"]
Step = Literal["timely_filing", "corrected_claim", "appeal", "second_appeal", "external_review"]
Unit = Literal["days", "business days", "months", "years"]
Start = Literal["decision", "service"]

#: What a person can write money off as.
WRITE_OFF_KINDS = (
    "administrative",
    "bad_debt",
    "charity",
    "contractual",
    "denial",
    "settlement",
    "small_balance",
)

#: Between what a policy did and its name in a posting's detail: ``CO-197|no-authorization``.
_BY = "|"

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9*]+")


class PayerRule(msgspec.Struct, frozen=True):
    """Whom and when a rule concerns: payer, first and last day of payment (both included).

    ``payer`` is the payer's name in any spelling of case and punctuation; a ``*`` at its end stands
    for the rest, ``*`` alone for every payer. A payment without a date meets only undated rules.
    """

    name: str
    payer: str = "*"
    since: date | None = None
    until: date | None = None

    def concerns(self, payer: str, day: date | None) -> bool:
        """Whether the rule holds for a payer's payment of this day."""
        return is_payer(self.payer, payer) and _is_within(day, self.since, self.until)


class AutomaticPosting(PayerRule, frozen=True):
    """What of a payer posts by itself: all, what matches at ``confidence`` or above, or nothing."""

    automatic: Automatic = "all"
    confidence: int = 80


class AdjustmentRule(PayerRule, frozen=True):
    """What an adjustment does, instead of what the shipped tables say."""

    group: str = ""
    reason: str = ""
    effect: Effect = "undecided"


class PayerWaiting(PayerRule, frozen=True):
    """How long one payer is waited for."""

    days: int = 0


class SmallBalance(msgspec.Struct, frozen=True):
    """Which small rest of a claim is written off; a ``per_claim_cents`` of 0 turns it off.

    ``per_patient_cents`` limits the sum over a patient's claims (0: no such limit). ``after`` says
    when: once no payer is left to answer, or once the first one has. With ``approval`` a person
    decides each.
    """

    per_claim_cents: int = 0
    per_patient_cents: int = 0
    after: After = "last_answer"
    approval: bool = True
    since: date | None = None

    def covers(self, cents: int, day: date | None) -> bool:
        """Whether a rest is small enough, its last answer of a day that the policy holds for."""
        return 0 < cents <= self.per_claim_cents and _is_within(day, self.since, None)


class Waiting(msgspec.Struct, frozen=True):
    """How many days an answer is waited for, from the claim's date or the answer before it."""

    first_answer_days: int = 30
    next_payer_days: int = 45
    payers: tuple[PayerWaiting, ...] = ()

    def days_for(self, payer: str, rank: int, since: date | None) -> int:
        """The days to wait for this payer's answer as payer number ``rank``."""
        rule = first_rule(self.payers, payer, since)
        if rule is not None:
            return rule.days
        return self.first_answer_days if rank <= 1 else self.next_payer_days


class DenialRule(PayerRule, frozen=True):
    """What the office knows better than the shipped rules about a kind of refusal.

    The tuples are conditions, each met by one of its values; an empty one always is. ``plans`` are
    kinds of plan (``medicare_advantage``). What is set replaces what the shipped tables say; the
    rules of the settings speak last. ``no_appeal`` is the reason why no right of appeal exists.
    """

    groups: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    places_of_service: tuple[str, ...] = ()
    frequencies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    category: str = ""
    next_action: str = ""
    no_appeal: str = ""
    prevented_by: str = ""
    advice: str = ""


class TimeLimit(PayerRule, frozen=True):
    """A time limit by contract: it beats every row of the shipped table.

    ``step`` is what it limits, ``amount`` and ``unit`` its length, ``counted_from`` the day on
    which it starts: the decision on the step before, or the date of service.
    """

    step: Step = "appeal"
    plan: str = ""
    amount: int = 0
    unit: Unit = "days"
    counted_from: Start = "decision"
    source: str = ""


class Experience(msgspec.Struct, frozen=True):
    """What came of the office's own tries at a kind of denial, with a payer or (empty) with all.

    ``won_basis_points`` adds up what each try won of what was refused, 10,000 being all of it.
    """

    payer: str
    category: str
    tries: int
    won_basis_points: int


class WorkWeights(msgspec.Struct, frozen=True):
    """What the order of work weighs: its cost, its minutes by next action, how near the limit is.

    The cost is that of Premier's survey (43.84 to 57.23 dollars per claim), the minutes are our own
    estimate, from a corrected field to a written appeal. The urgencies are by how many tenths a
    limit within so many days moves the work forward.
    """

    cost_cents: int = 45_00
    appeal_minutes: int = 75
    obtain_authorization_minutes: int = 60
    call_payer_minutes: int = 40
    attach_records_minutes: int = 30
    verify_coverage_minutes: int = 25
    bill_other_payer_minutes: int = 20
    contact_patient_minutes: int = 20
    correct_and_resubmit_minutes: int = 15
    other_minutes: int = 30
    urgency_7_days_tenths: int = 16
    urgency_14_days_tenths: int = 14
    urgency_30_days_tenths: int = 12

    @property
    def urgency(self) -> tuple[tuple[int, int], ...]:
        """Days left up to which the work is more urgent, and by how many tenths, nearest first."""
        return (
            (7, self.urgency_7_days_tenths),
            (14, self.urgency_14_days_tenths),
            (30, self.urgency_30_days_tenths),
        )

    def minutes(self, next_action: str) -> int:
        """How long the work takes on the average."""
        found: int = getattr(self, f"{next_action}_minutes", self.other_minutes)
        return found


class DenialPolicies(msgspec.Struct, frozen=True):
    """What the office decided about judging denials, in the order of the settings.

    ``experience`` is no setting: it is learned from the book.
    """

    rules: tuple[DenialRule, ...] = ()
    limits: tuple[TimeLimit, ...] = ()
    experience: tuple[Experience, ...] = ()
    work: WorkWeights = WorkWeights()


class Policies(msgspec.Struct, frozen=True):
    """Everything decided beforehand; without settings the defaults hold.

    A line is underpaid that was allowed less than its contract says by more than
    ``underpaid_above_cents`` and that percent of it.
    """

    unmatched: Unmatched = "open"
    automatic: tuple[AutomaticPosting, ...] = ()
    adjustments: tuple[AdjustmentRule, ...] = ()
    write_off_without_notice: bool = True
    write_off_limit_cents: int = 10_000
    small_balance: SmallBalance = SmallBalance()
    waiting: Waiting = Waiting()
    denials: DenialPolicies = DenialPolicies()
    underpaid_above_cents: int = 99
    underpaid_above_percent: str = "0"


_Rule = TypeVar("_Rule", bound=PayerRule)


def first_rule(rules: Sequence[_Rule], payer: str, day: date | None) -> _Rule | None:
    """The first rule that concerns a payer's payment of this day."""
    return next((rule for rule in rules if rule.concerns(payer, day)), None)


def by_policy(detail: str, policy: str) -> str:
    """A posting's detail with the policy that made it; the detail alone where none did."""
    return f"{detail}{_BY}{policy}" if policy else detail


def split_policy(detail: str) -> tuple[str, str]:
    """A posting's detail apart from the policy that made it (empty: the shipped tables)."""
    what, _, policy = detail.partition(_BY)
    return what, policy


def is_payer(pattern: str, payer: str) -> bool:
    """Whether a payer's name fits a pattern of the settings, in letters and digits only."""
    wanted, name = _plain(pattern), _plain(payer).replace("*", "")
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def _plain(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text.upper())


def _is_within(day: date | None, since: date | None, until: date | None) -> bool:
    if since is None and until is None:
        return True
    if day is None:
        return False
    return (since is None or since <= day) and (until is None or day <= until)

"""What goes into the judgment of a denial, and what comes out of it."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, Literal

import msgspec

from medcollect.codes import filing_indicator, read_table

#: Which kind of proceeding the refusal calls for (appeals.md section 1); it decides the clock.
Route = Literal[
    "appeal",  # reconsideration or appeal, also with records or an authorization sent after
    "correct_and_resubmit",  # a corrected claim (frequency 7 with the payer's claim number)
    "new_claim",  # the claim was unprocessable: a new one (frequency 1), no appeal exists
    "other_payer",  # another payer has to be billed
    "patient_answer",  # the payer waits for the patient
    "patient",  # the patient owes it
    "none",  # nothing to send; a person decides
]


#: Kinds of plan that a payer also names where another one's rules apply.
_GENERAL: Final = frozenset({"commercial", "other", "unknown"})
_FEDERAL: Final = "federal_employees"


class DenialFacts(msgspec.Struct, frozen=True, gc=False):
    """One refused amount: what the payer said, about which line, when, and what was billed.

    ``group``, ``reason`` and ``remarks`` are CAS01, CARC and the RARCs of line and claim.
    ``decided_on`` is the remittance's payment date (BPR16), ``has_authorization`` whether the
    claim carried an authorization or referral number; ``form`` is P, I, D or empty.
    ``acknowledged`` says what a 277CA said of the claim before it was judged (accepted, rejected or
    nothing), ``accepted_on`` on which day the payer took it in: the proof of timely filing.
    ``upheld_level`` is the level of the last appeal that left it refused (0: none), decided on
    ``upheld_on``; ``first_refused_on`` the day of the first refusal, where the payer only repeated
    it since.
    ``case_cents`` is what the payer refuses of the claim for this reason, over all lines that stand
    alike: one piece of work; 0 says that this amount is all.
    """

    group: str
    reason: str
    amount_cents: int
    remarks: tuple[str, ...] = ()
    payer_name: str = ""
    filing_indicator: str = ""
    decided_on: date | None = None
    service_from: date | None = None
    service_to: date | None = None
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    claim_frequency: str = ""
    has_authorization: bool = False
    payer_claim_control_number: str = ""
    form: str = ""
    line_paid_cents: int = 0
    place_of_service: str = ""
    acknowledged: str = ""
    accepted_on: date | None = None
    case_cents: int = 0
    upheld_level: int = 0
    upheld_on: date | None = None
    first_refused_on: date | None = None

    @property
    def worked_cents(self) -> int:
        """What is worked as one: the whole case's amount, never less than this one."""
        return max(self.case_cents, self.amount_cents)

    @property
    def limits_from(self) -> date | None:
        """The day from which limits count: the first refusal, whatever only repeated it."""
        return self.first_refused_on or self.decided_on

    @property
    def at_stake_cents(self) -> int:
        """What can still be won."""
        return self.amount_cents

    @property
    def payer_kind(self) -> str:
        """Whose rules apply: medicare, medicaid, commercial, unknown ...

        The filing indicator says it; where it is absent or ``ZZ``, the payer's name may. The
        Federal Employee Program answers under its plans' commercial codes: there its name decides.
        """
        known = filing_indicator(self.filing_indicator)
        told = known.payer_kind if known else "unknown"
        named = [kind for _, kind in payers_named(self.payer_name)]
        if told in _GENERAL and _FEDERAL in named:
            return _FEDERAL
        return told if told != "unknown" else next(iter(named), "unknown")


class Taken(msgspec.Struct, frozen=True, gc=False):
    """One amount that a payer took back (below zero: gave again), and where it says so.

    ``code`` is the PLB code and ``reference`` its reference, both empty for a reversal (CLP02 22).
    """

    cents: int
    day: date | None
    remittance: str
    trace_number: str
    code: str = ""
    reference: str = ""


class TakebackFacts(DenialFacts, frozen=True, gc=False):
    """Money that a payer took back without saying what it decides instead.

    ``reason`` is the row of ``denial_findings.csv``, ``amount_cents`` what is at stake,
    ``decided_on`` the day on which it was taken, ``paid_on`` that on which it had been paid.
    """

    taken: tuple[Taken, ...] = ()
    paid_on: date | None = None


class ShortfallFacts(DenialFacts, frozen=True, gc=False):
    """A line that was allowed below contract; ``amount_cents`` is the difference.

    ``contract`` is the version that spoke (T...) and ``contract_line`` its row, ``why`` the
    arithmetic.
    """

    expected_cents: int = 0
    allowed_cents: int = 0
    contract: str = ""
    contract_line: int = 0
    why: str = ""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What kind of refusal it is and what to do, before clocks and money.

    ``no_appeal`` says why no right of appeal exists, empty where one does.
    ``is_denial`` is false for reasons that refuse nothing (contract price, deductible ...).
    ``advice`` is the sentence of the last rule that had something to add. ``new_claim`` is true
    for claims called unprocessable. ``rules`` names what decided, in the order in which it spoke:
    the reason's row, the remark's, then rules of ``denial_rules.csv`` by their ids.
    ``root_cause`` is what went wrong, ``prevented_by`` who could have prevented it (front_desk,
    authorization, coding, billing, clinician, payer, patient or nobody) and ``prevention`` how.
    ``refusal`` is the kind of no (true_denial, soft_denial ...) and ``evidence`` what that rests
    on; ``steps`` are those of the next action.
    """

    category: str
    cause: str
    preventable: str
    next_action: str
    route: Route = "none"
    no_appeal: str = ""
    is_denial: bool = True
    advice: str = ""
    new_claim: bool = False
    rules: tuple[str, ...] = ()
    root_cause: str = ""
    prevented_by: str = ""
    prevention: str = ""
    refusal: str = ""
    evidence: str = ""
    steps: tuple[str, ...] = ()


class Assessment(msgspec.Struct, frozen=True, gc=False):
    """The judgment of one denial: category, cause, what to do, by when, what it is worth.

    ``deadline_rule`` names the rule with its source and confidence, or says why there is no date.
    ``chance_basis_points`` is the chance to win in hundredths of a percent, ``prior_basis_points``
    the shipped one that the office's history moved to it; ``priority`` is higher for what should
    be worked first; ``rules`` names the table rows that spoke. ``evidence`` names
    the facts that the judgment rests on; the other fields are those of ``Verdict``.
    """

    category: str
    cause: str
    preventable: str
    appealable: bool
    route: Route
    next_action: str
    deadline: date | None
    deadline_rule: str
    days_left: int | None
    chance_basis_points: int
    expected_value_cents: int
    priority: int
    weight_cents: int
    explanation: str
    amount_cents: int
    rules: tuple[str, ...] = ()
    root_cause: str = ""
    prevented_by: str = ""
    prevention: str = ""
    refusal: str = ""
    evidence: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    prior_basis_points: int = 0


@lru_cache(maxsize=4096)
def payers_named(payer_name: str) -> tuple[tuple[str, str], ...]:
    """Find the payers of our tables, with their kind, that a name stands for however spelled."""
    plain = re.sub(r"[^A-Z0-9]", "", payer_name.upper())
    return tuple((payer, kind) for part, payer, kind in _known_names() if part in plain)


@lru_cache(maxsize=1)
def _known_names() -> tuple[tuple[str, str, str], ...]:
    rows = read_table("payer_names")
    return tuple((row["name_contains"], row["payer"], row["payer_kind"]) for row in rows)

"""What ``medcollect.toml`` may hold: every key with its type, limits and default.

Amounts are text such as ``"5.00"``, days are dates. Unknown keys are errors, so that a misspelt one
is noticed.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from medcollect.contracts import Tolerance
from medcollect.contracts.terms import number_of_text
from medcollect.model.letters import LetterOffice, PayerAddress
from medcollect.model.policies import (
    AdjustmentRule,
    AutomaticPosting,
    PayerWaiting,
    Policies,
    SmallBalance,
    Waiting,
)
from medcollect.money import parse_cents

#: What an adjustment of each group can be made to do. Only the payer makes an amount the patient's
#: (group PR), and what it left to the patient is no denial of the practice's claim.
EFFECTS_BY_GROUP: Final = {
    "CO": ("write_off", "denial", "prior_payer", "undecided"),
    "PI": ("write_off", "denial", "prior_payer", "undecided"),
    "OA": ("write_off", "denial", "prior_payer", "undecided"),
    "PR": ("patient", "write_off", "undecided"),
}


def _cents(value: object) -> object:
    """An amount written as text (or as a number without quotes, which arrives as text)."""
    cents = parse_cents(str(value)) if isinstance(value, str | int) else None
    if cents is None or cents < 0 or isinstance(value, bool):
        message = 'it must be an amount such as "5.00"'
        raise ValueError(message)
    return cents


Cents = Annotated[int, BeforeValidator(_cents)]


def _percent(value: object) -> object:
    """A percent written as text or as a number, up to 100."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    found = number_of_text(text)
    if found is None or found > _WHOLE:
        message = 'it must be a percent such as "2.5"'
        raise ValueError(message)
    return text


_WHOLE: Final = 100
Percent = Annotated[str, BeforeValidator(_percent)]
Days = Annotated[int, Field(ge=1, le=730)]
Payer = Annotated[str, Field(max_length=80, pattern=r"^[^*]*[A-Za-z0-9][^*]*\*?$|^\*$")]
Line = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Name = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]


class _Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _ForPayer(_Section):
    """A rule for a payer and, where given, for payments from one day to another."""

    name: Name | None = None
    payer: Payer
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.until < self.since:
            message = "until must not be before since"
            raise ValueError(message)
        return self


class PostingPayer(_ForPayer):
    """What of one payer posts by itself."""

    automatic: Literal["all", "confident", "none"] | None = None
    confidence: Annotated[int, Field(ge=80, le=100)] | None = None


class Posting(_Section):
    """What posts by itself."""

    automatic: Literal["all", "confident", "none"] = "all"
    confidence: Annotated[int, Field(ge=80, le=100)] = 90
    payers: tuple[PostingPayer, ...] = ()


class Adjustment(_ForPayer):
    """What an adjustment does, instead of what the shipped tables say."""

    payer: Payer = "*"
    group: Literal["CO", "PI", "OA", "PR"]
    reason: Annotated[str, Field(pattern=r"^[A-Z]?[0-9]{1,3}$")]
    effect: Literal["write_off", "patient", "prior_payer", "denial", "undecided"]

    @model_validator(mode="after")
    def _effect_fits_group(self) -> Self:
        allowed = EFFECTS_BY_GROUP[self.group]
        if self.effect not in allowed:
            message = f"effect of group {self.group} must be one of {', '.join(allowed)}"
            raise ValueError(message)
        return self


class WriteOff(_Section):
    """Write-offs that are no contract's."""

    without_notice: bool = True
    limit: Cents = 10_000


class SmallBalances(_Section):
    """Small rests of claims."""

    per_claim: Annotated[Cents, Field(le=10_000)] = 0
    per_patient: Annotated[Cents, Field(le=100_000)] = 0
    after: Literal["last_answer", "first_answer"] = "last_answer"
    approval: bool = True
    since: date | None = None


class WaitingPayer(_ForPayer):
    """How long one payer is waited for."""

    days: Days


class WaitingTimes(_Section):
    """How long answers are waited for."""

    first_answer_days: Days = 30
    next_payer_days: Days = 45
    payers: tuple[WaitingPayer, ...] = ()


class LetterPayer(_ForPayer):
    """Where one payer takes appeals."""

    address: tuple[Line, ...] = ()
    attention: Line = ""
    fax: Line = ""


class Letters(_Section):
    """The letterhead, and the office's own templates."""

    templates: Annotated[str, Field(max_length=400)] = ""
    contact: Line = ""
    phone: Line = ""
    fax: Line = ""
    signature: Line = ""
    payers: tuple[LetterPayer, ...] = ()


class Underpayments(_Section):
    """From which difference on a line counts as underpaid."""

    tolerance: Cents = 99
    tolerance_percent: Percent = "0"


class SettingsFile(_Section):
    """The whole file."""

    unmatched: Literal["open", "hold"] = "open"
    posting: Posting = Posting()
    adjustments: tuple[Adjustment, ...] = ()
    write_off: WriteOff = WriteOff()
    small_balance: SmallBalances = SmallBalances()
    waiting: WaitingTimes = WaitingTimes()
    underpayments: Underpayments = Underpayments()
    letters: Letters = Letters()

    def letter_office(self) -> LetterOffice:
        """What concerns letters, which no posting rests on."""
        said = self.letters
        given = said.model_dump(exclude={"payers"})
        payers = (
            PayerAddress(
                **_for_payer("letters.payers", number, rule),
                address=rule.address,
                attention=rule.attention,
                fax=rule.fax,
            )
            for number, rule in enumerate(said.payers, start=1)
        )
        return LetterOffice(**given, payers=tuple(payers))

    def tolerance(self) -> Tolerance:
        """How far an allowed amount may be from what was to be expected."""
        asked = self.underpayments
        return Tolerance(asked.tolerance, asked.tolerance_percent)

    def policies(self) -> Policies:
        """The settings as the record that the rules are handed."""
        small = self.small_balance
        return Policies(
            unmatched=self.unmatched,
            automatic=self._automatic(),
            adjustments=tuple(
                AdjustmentRule(
                    **_for_payer("adjustments", number, rule),
                    group=rule.group,
                    reason=rule.reason,
                    effect=rule.effect,
                )
                for number, rule in enumerate(self.adjustments, start=1)
            ),
            write_off_without_notice=self.write_off.without_notice,
            write_off_limit_cents=self.write_off.limit,
            small_balance=SmallBalance(
                per_claim_cents=small.per_claim,
                per_patient_cents=small.per_patient,
                after=small.after,
                approval=small.approval,
                since=small.since,
            ),
            waiting=Waiting(
                first_answer_days=self.waiting.first_answer_days,
                next_payer_days=self.waiting.next_payer_days,
                payers=tuple(
                    PayerWaiting(**_for_payer("waiting.payers", number, rule), days=rule.days)
                    for number, rule in enumerate(self.waiting.payers, start=1)
                ),
            ),
        )

    def _automatic(self) -> tuple[AutomaticPosting, ...]:
        """The rules for single payers, then the one for all others where it keeps anything back."""
        posting = self.posting
        rules = [
            AutomaticPosting(
                **_for_payer("posting.payers", number, rule),
                automatic=rule.automatic or posting.automatic,
                confidence=rule.confidence or posting.confidence,
            )
            for number, rule in enumerate(posting.payers, start=1)
        ]
        if posting.automatic != "all":
            everyone = AutomaticPosting(
                name="posting", automatic=posting.automatic, confidence=posting.confidence
            )
            rules.append(everyone)
        return tuple(rules)


def _for_payer(table: str, number: int, rule: _ForPayer) -> dict[str, Any]:
    """Name, payer and days of a rule; one without a name is called by its place."""
    return {
        "name": rule.name or f"{table}.{number}",
        "payer": rule.payer,
        "since": rule.since,
        "until": rule.until,
    }

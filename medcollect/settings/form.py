"""What ``medcollect.toml`` may hold: every key with its type, limits and default.

Amounts are text such as ``"5.00"``, days are dates. Unknown keys are errors, so that a misspelt one
is noticed.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

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
from medcollect.settings.denials import Denials
from medcollect.settings.mappings import Mappings
from medcollect.settings.sections import Cents, Days, ForPayer, Line, Payer, Section, for_payer

#: What an adjustment of each group can be made to do. Only the payer makes an amount the patient's
#: (group PR), and what it left to the patient is no denial of the practice's claim.
EFFECTS_BY_GROUP: Final = {
    "CO": ("write_off", "denial", "prior_payer", "undecided"),
    "PI": ("write_off", "denial", "prior_payer", "undecided"),
    "OA": ("write_off", "denial", "prior_payer", "undecided"),
    "PR": ("patient", "write_off", "undecided"),
}


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


class PostingPayer(ForPayer):
    """What of one payer posts by itself."""

    automatic: Literal["all", "confident", "none"] | None = None
    confidence: Annotated[int, Field(ge=80, le=100)] | None = None


class Posting(Section):
    """What posts by itself."""

    automatic: Literal["all", "confident", "none"] = "all"
    confidence: Annotated[int, Field(ge=80, le=100)] = 90
    payers: tuple[PostingPayer, ...] = ()


class Adjustment(ForPayer):
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


class WriteOff(Section):
    """Write-offs that are no contract's."""

    without_notice: bool = True
    limit: Cents = 10_000


class SmallBalances(Section):
    """Small rests of claims."""

    per_claim: Annotated[Cents, Field(le=10_000)] = 0
    per_patient: Annotated[Cents, Field(le=100_000)] = 0
    after: Literal["last_answer", "first_answer"] = "last_answer"
    approval: bool = True
    since: date | None = None


class WaitingPayer(ForPayer):
    """How long one payer is waited for."""

    days: Days


class WaitingTimes(Section):
    """How long answers are waited for."""

    first_answer_days: Days = 30
    next_payer_days: Days = 45
    payers: tuple[WaitingPayer, ...] = ()


class LetterPayer(ForPayer):
    """Where one payer takes appeals."""

    address: tuple[Line, ...] = ()
    attention: Line = ""
    fax: Line = ""


class Letters(Section):
    """The letterhead, and the office's own templates."""

    templates: Annotated[str, Field(max_length=400)] = ""
    contact: Line = ""
    phone: Line = ""
    fax: Line = ""
    signature: Line = ""
    payers: tuple[LetterPayer, ...] = ()


class Attachments(Section):
    """Files that go with the work on a denial."""

    limit_megabytes: Annotated[int, Field(ge=1, le=200)] = 10


class Underpayments(Section):
    """From which difference on a line counts as underpaid."""

    tolerance: Cents = 99
    tolerance_percent: Percent = "0"


class SettingsFile(Section):
    """The whole file."""

    unmatched: Literal["open", "hold"] = "open"
    posting: Posting = Posting()
    adjustments: tuple[Adjustment, ...] = ()
    write_off: WriteOff = WriteOff()
    small_balance: SmallBalances = SmallBalances()
    waiting: WaitingTimes = WaitingTimes()
    underpayments: Underpayments = Underpayments()
    denials: Denials = Denials()
    letters: Letters = Letters()
    attachments: Attachments = Attachments()
    mappings: Mappings = Mappings()

    def letter_office(self) -> LetterOffice:
        """What concerns letters, which no posting rests on."""
        said = self.letters
        given = said.model_dump(exclude={"payers"})
        payers = (
            PayerAddress(
                **for_payer("letters.payers", number, rule),
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
                    **for_payer("adjustments", number, rule),
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
                    PayerWaiting(**for_payer("waiting.payers", number, rule), days=rule.days)
                    for number, rule in enumerate(self.waiting.payers, start=1)
                ),
            ),
            denials=self.denials.policies(),
            underpaid_above_cents=self.underpayments.tolerance,
            underpaid_above_percent=self.underpayments.tolerance_percent,
        )

    def _automatic(self) -> tuple[AutomaticPosting, ...]:
        """The rules for single payers, then the one for all others where it keeps anything back."""
        posting = self.posting
        rules = [
            AutomaticPosting(
                **for_payer("posting.payers", number, rule),
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

"""The part of ``medcollect.toml`` about denials: the office's own rules and time limits."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from medcollect.codes.tables import reasons, remarks
from medcollect.model.policies import (
    DenialPolicies,
    DenialRule,
    Start,
    Step,
    TimeLimit,
    Unit,
    WorkWeights,
)
from medcollect.settings.sections import Cents, ForPayer, Payer, Section, for_payer

Plan = Literal[
    "auto",
    "commercial",
    "federal_employees",
    "liability",
    "medicaid",
    "medicare",
    "medicare_advantage",
    "other",
    "self_pay",
    "tricare",
    "unknown",
    "veterans",
    "workers_compensation",
]
PreventedBy = Literal[
    "front_desk", "authorization", "coding", "billing", "clinician", "payer", "patient", "nobody"
]
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
_Reason = Annotated[str, Field(pattern=r"^[A-Z]?[0-9]{1,3}$")]
_Remark = Annotated[str, Field(pattern=r"^(M|MA|N)[0-9]{1,3}$")]
_Codes = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,7}(-[A-Z0-9]{1,7})?$")]
_Modifier = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
_Place = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
_Frequency = Annotated[str, Field(pattern=r"^[0-9A-Z]$")]


def _category(value: str) -> str:
    """A kind of denial that the code tables have."""
    known = {row.category for row in reasons().values()}
    return _one_of(value, known | {row.category for row in remarks().values()} | {"unknown_code"})


def _action(value: str) -> str:
    """A next action that the code tables have."""
    return _one_of(value, {row.next_action for row in reasons().values()} | {"contact_patient"})


def _one_of(value: str, known: set[str]) -> str:
    if value not in known:
        message = f"it must be one of {', '.join(sorted(known))}"
        raise ValueError(message)
    return value


Category = Annotated[str, AfterValidator(_category)]
Action = Annotated[str, AfterValidator(_action)]

#: What a rule can change; one that changes nothing is a mistake.
_EFFECTS = ("category", "next_action", "no_appeal", "prevented_by", "advice")


class Rule(ForPayer):
    """What the office knows better than the shipped rules about a kind of refusal."""

    payer: Payer = "*"
    groups: tuple[Literal["CO", "PR", "OA", "PI"], ...] = ()
    reasons: tuple[_Reason, ...] = ()
    remarks: tuple[_Remark, ...] = ()
    plans: tuple[Plan, ...] = ()
    procedures: tuple[_Codes, ...] = ()
    modifiers: tuple[_Modifier, ...] = ()
    diagnoses: tuple[_Codes, ...] = ()
    places_of_service: tuple[_Place, ...] = ()
    frequencies: tuple[_Frequency, ...] = ()
    categories: tuple[Category, ...] = ()
    category: Category | None = None
    next_action: Action | None = None
    no_appeal: Text | None = None
    prevented_by: PreventedBy | None = None
    advice: Text | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not any(getattr(self, effect) for effect in _EFFECTS):
            message = f"the rule changes nothing; give one of {', '.join(_EFFECTS)}"
            raise ValueError(message)
        if self.next_action == "bill_patient" and self.groups != ("PR",):
            message = 'only the payer makes an amount the patient\'s: it needs groups = ["PR"]'
            raise ValueError(message)
        return self

    def policy(self, number: int) -> DenialRule:
        """The rule as the desk is handed it."""
        named = for_payer("denials.rules", number, self)
        given = {
            name: getattr(self, name) or getattr(DenialRule(""), name)
            for name in type(self).model_fields
            if name not in named
        }
        return DenialRule(**named, **given)


class Limit(ForPayer):
    """A time limit by contract."""

    step: Step
    plan: Plan | None = None
    amount: Annotated[int, Field(ge=1, le=3660, strict=True)]
    unit: Unit = "days"
    counted_from: Start = "decision"
    source: Text = ""

    @model_validator(mode="after")
    def _starts_where_it_can(self) -> Self:
        if self.step in {"second_appeal", "external_review"} and self.counted_from == "service":
            message = f"{self.step} is counted from the decision on the appeal"
            raise ValueError(message)
        return self

    def policy(self, number: int) -> TimeLimit:
        """The limit as the desk is handed it."""
        return TimeLimit(
            **for_payer("denials.limits", number, self),
            step=self.step,
            plan=self.plan or "",
            amount=self.amount,
            unit=self.unit,
            counted_from=self.counted_from,
            source=self.source,
        )


_Minutes = Annotated[int, Field(ge=1, le=480, strict=True)]
_USUAL = WorkWeights()


def _times(value: object) -> object:
    """How many times something counts, with one decimal at most."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if _TIMES.fullmatch(text) is None or not _ONCE <= _tenths(text) <= _TIMES_MOST * _ONCE:
        message = f'it must be a number from 1 to {_TIMES_MOST} such as "1.6"'
        raise ValueError(message)
    return text


def _tenths(times: str) -> int:
    whole, _, tenth = times.partition(".")
    return int(whole) * _ONCE + int(tenth or 0)


_TIMES: Final = re.compile(r"[0-9]{1,2}(\.[0-9])?")
_ONCE: Final = 10
_TIMES_MOST: Final = 10
_Times = Annotated[str, BeforeValidator(_times)]


class Work(Section):
    """What working a denial takes, and how much a near limit counts: the order of work."""

    cost: Cents = _USUAL.cost_cents
    appeal_minutes: _Minutes = _USUAL.appeal_minutes
    obtain_authorization_minutes: _Minutes = _USUAL.obtain_authorization_minutes
    call_payer_minutes: _Minutes = _USUAL.call_payer_minutes
    attach_records_minutes: _Minutes = _USUAL.attach_records_minutes
    verify_coverage_minutes: _Minutes = _USUAL.verify_coverage_minutes
    bill_other_payer_minutes: _Minutes = _USUAL.bill_other_payer_minutes
    contact_patient_minutes: _Minutes = _USUAL.contact_patient_minutes
    correct_and_resubmit_minutes: _Minutes = _USUAL.correct_and_resubmit_minutes
    other_minutes: _Minutes = _USUAL.other_minutes
    urgency_7_days: _Times = "1.6"
    urgency_14_days: _Times = "1.4"
    urgency_30_days: _Times = "1.2"

    @model_validator(mode="after")
    def _nearer_is_not_less_urgent(self) -> Self:
        near, middle, far = (_tenths(getattr(self, name)) for name in _URGENCIES)
        if not near >= middle >= far:
            message = f"a nearer limit cannot count less: {' >= '.join(_URGENCIES)}"
            raise ValueError(message)
        return self

    def weights(self) -> WorkWeights:
        """The settings as the record that the desk is handed."""
        urgencies = {f"{name}_tenths": _tenths(getattr(self, name)) for name in _URGENCIES}
        rest = self.model_dump(exclude={"cost", *_URGENCIES})
        return WorkWeights(cost_cents=self.cost, **urgencies, **rest)


_URGENCIES: Final = ("urgency_7_days", "urgency_14_days", "urgency_30_days")


class Denials(Section):
    """How denials are judged, where the office knows better than the shipped tables."""

    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()
    work: Work = Work()

    def policies(self) -> DenialPolicies:
        """Rules and limits in the order of the file."""
        return DenialPolicies(
            rules=tuple(rule.policy(n) for n, rule in enumerate(self.rules, start=1)),
            limits=tuple(limit.policy(n) for n, limit in enumerate(self.limits, start=1)),
            work=self.work.weights(),
        )

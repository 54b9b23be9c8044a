"""Answers about accounts: what one patient owes, and why."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.claims import ClaimSummary
from api.schemas.common import AccountId, Answer, Figures, NextPage, Person, Sums, amount
from api.schemas.coverage import Coverage
from api.schemas.entries import Death, Entry
from api.schemas.patient_payments import PatientPayment


class AccountSummary(Sums):
    """One account in a list: one patient at one practice, with the figures of their claims."""

    id: AccountId
    patient: Person = Field(description="Who it is.")
    claims: int = Field(description="How many claims it has.", examples=[2])


class AccountList(Answer):
    """Accounts in the order they were opened."""

    accounts: list[AccountSummary] = Field(description="One page of them.")
    next: NextPage = None


class FoundAccounts(Answer):
    """The accounts that a number leads to; none is an empty list."""

    accounts: list[AccountSummary] = Field(description="Every account the number leads to.")
    count: int = Field(description="How many.", examples=[1])


class Balance(Figures):
    """What one patient owes, and why: the figures of their claims, summed."""

    account: AccountId
    former_accounts: list[AccountId] = Field(
        default=[], description="Accounts that went into this one: their numbers lead here."
    )
    patient: Person = Field(description="Who it is.")
    claims: list[ClaimSummary] = Field(description="Every claim of the account.")
    unapplied: Annotated[str, amount("Paid and not applied: the patient's credit", "0.00")] = "0.00"
    patient_payments: list[PatientPayment] = Field(
        default=[], description="What the patient paid, by its day."
    )
    deceased: Death | None = Field(default=None, description="Whether the patient has died.")
    entries: list[Entry] = Field(
        default=[], description="What people entered by hand about the patient and the claims."
    )
    coverage: list[Coverage] = Field(
        default=[], description="What payers say of the patient's coverage, the newest first."
    )

"""Words that many answers share: amounts, dates, our ids, the figures of a claim or account.

Answers may grow: a client must bear keys it does not know. Amounts are text, never numbers.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_AMOUNT = r"^-?[0-9]+\.[0-9]{2}$"


def amount(what: str, example: str = "1234.50") -> Any:
    """Describe an amount of money; every one says its unit and shows an example."""
    return Field(
        pattern=_AMOUNT,
        description=f"{what}; US dollars as a decimal string.",
        examples=[example],
    )


def our_id(letter: str, what: str) -> Any:
    """Describe one of our own ids, such as ``C000001``."""
    return Field(description=f"Our {what} id.", examples=[f"{letter}000001"])


Amount = Annotated[str, amount("Amount")]
ImportId = Annotated[str, our_id("I", "import")]
RemittanceId = Annotated[str, our_id("R", "remittance")]
ClaimPaymentId = Annotated[str, our_id("P", "claim payment")]
ClaimId = Annotated[str, our_id("C", "claim")]
AccountId = Annotated[str, our_id("A", "account")]
NextPage = Annotated[
    str | None, Field(description="Pass it as `after` for the next page; null on the last one.")
]
Day = Annotated[str | None, Field(description="ISO 8601 date.", examples=["2026-01-31"])]
Number = Annotated[
    str | None,
    Field(
        description="The provider's own number of the claim (CLM01, CLP01), as received.",
        examples=["PCN-1001"],
    ),
]
PayerName = Annotated[
    str | None, Field(description="The payer's name.", examples=["PLAINFIELD MUTUAL HEALTH"])
]
TraceNumber = Annotated[
    str | None, Field(description="Check or EFT number (TRN02).", examples=["PM26020901"])
]
LineNumber = Annotated[
    int, Field(description="Service line, from 1; 0 is the claim as a whole.", examples=[1])
]
Segment = Annotated[
    int | None, Field(description="Segment number in the file, from 1.", examples=[27])
]
Modifiers = Annotated[list[str], Field(description="Procedure modifiers.", examples=[["25"]])]
Diagnoses = Annotated[
    list[str],
    Field(description="Diagnosis codes the line points to, as filed.", examples=[["E119"]]),
]


class Answer(BaseModel):
    """What is answered; keys may be added, never taken away."""

    model_config = ConfigDict(extra="allow")


class Health(Answer):
    """Whether the server is up; says nothing about anybody's data."""

    status: Literal["ok"] = Field(description="Always `ok` when the server answers.")
    version: str = Field(description="The version of medcollect.", examples=["0.1.0"])


class Person(Answer):
    """A patient, as the payer or the practice names them."""

    last_name: str = Field(description="Family name.", examples=["MARLOWE"])
    first_name: str = Field(description="Given name.", examples=["JUNIA"])
    birth_date: Day = None


class Sums(Answer):
    """Where the money stands.

    charge = insurance_paid + written_off + patient_responsibility + insurance_open - payer_credit.
    """

    charge: Annotated[str, amount("What the practice asks", "200.00")]
    insurance_paid: Annotated[str, amount("What payers paid", "75.00")]
    written_off: Annotated[str, amount("Given up by contract, law, policy, decision", "50.00")]
    patient_responsibility: Annotated[str, amount("What payers left to the patient", "25.00")]
    patient_paid: Annotated[str, amount("What the patient paid", "20.00")]
    patient_due: Annotated[str, amount("What the patient owes, never below zero", "5.00")]
    patient_billable: Annotated[str, amount("Of it, what may be billed now", "5.00")]
    insurance_open: Annotated[str, amount("What payers have not settled", "50.00")]
    credit: Annotated[str, amount("What the patient paid beyond it", "0.00")]
    payer_credit: Annotated[str, amount("What payers paid beyond the charge", "0.00")]


class NotBillable(Answer):
    """A part of the patient's responsibility that may not be billed now."""

    claim: ClaimId
    line: LineNumber
    amount: Amount
    reason: str = Field(description="Why not, as a code.", examples=["open_denial"])
    text: str = Field(
        description="Why not, as a sentence, and what to do.",
        examples=["The amount was denied and the denial is still open."],
    )


class Figures(Sums):
    """Where the money stands, with what may not be billed and why."""

    not_billable: list[NotBillable] = Field(
        description="The parts of the patient's responsibility that may not be billed now."
    )

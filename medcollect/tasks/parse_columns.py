"""The tables that documents become: their columns, what each holds and what it means.

Every row starts with where it came from: file, transaction (its number in the file), segment. A
claim payment, claim or line is named by its position in the loop above it, so that
(file, transaction, claim_payment, line) and (file, transaction, claim, line) join the tables.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

Kind = Literal["text", "code", "number", "amount", "date", "flag"]
Row = tuple[Any, ...]


class Column(NamedTuple):
    """A column: its name, what it holds, what it means; amounts are cents until they are written.

    A ``code`` is text with few different values.
    """

    name: str
    kind: Kind = "text"
    means: str = ""


class Place(NamedTuple):
    """The file and the transaction a record stands in."""

    file: str
    transaction: int


def _columns(text: str) -> tuple[Column, ...]:
    """Read a line for each column: ``name:kind meaning``, ``name meaning`` where it is text."""
    columns = []
    for line in filter(str.strip, (_HERE + text).splitlines()):
        word, _, means = line.strip().partition(" ")
        name, _, kind = word.partition(":")
        columns.append(Column(name, kind or "text", means))  # type: ignore[arg-type]
    return tuple(columns)


_HERE: Final = """
file:code the file, as named (archive.zip!member in an archive)
transaction:number which ST of the file, from 1
segment:number which segment of the file, from 1
"""
_PAYMENT_LINE: Final = """
claim_payment:number which CLP of the transaction, from 1
line:number which SVC of the claim payment, from 1; empty: the claim as a whole
"""
_CLAIM_LINE: Final = """
claim:number which CLM of the transaction, from 1
line:number which LX of the claim, from 1; empty: the claim as a whole
"""
_PROCEDURE: Final = """
procedure_qualifier:code HC, AD, NU, N4, ...: which list the procedure is of
procedure:code the procedure, as sent
modifiers:code its modifiers, separated by blanks
revenue_code:code the revenue code
"""
_ADJUSTMENT: Final = """
group:code the CAS group: CO, PR, OA, PI
reason:code the adjustment reason (CARC)
amount:amount positive lowers the payment
quantity the units adjusted, as sent
"""

#: Table -> one sentence on its rows.
ROWS: Final[dict[str, str]] = {
    "remittances": "One 835 transaction: one payment, with the sums of what it holds.",
    "claim_payments": "One CLP loop of an 835.",
    "service_payments": "One SVC loop of an 835.",
    "adjustments": "One CAS reason of an 835, of a claim payment or one of its lines.",
    "provider_adjustments": "One PLB pair of an 835.",
    "remarks": "One remark code of an 835: MIA and MOA of the claim, LQ of the line.",
    "claims": "One CLM loop of an 837, with what its parents say.",
    "service_lines": "One LX loop of an 837.",
    "diagnoses": "One HI code of an 837 claim: diagnoses first, then its other codes.",
    "other_payers": "One other payer of an 837 claim (loop 2320).",
    "other_payer_adjustments": "One CAS reason that another payer gave (loops 2320 and 2430).",
    "findings": "One problem in the data.",
}

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "remittances": _columns("""
        control_number ST02
        version:code ST03, else GS08
        payer the payer's name
        payer_id the payer's id (N104)
        payee the payee's name
        payee_id the payee's id (N104), mostly an NPI
        handling:code BPR01
        payment_method:code BPR04: CHK, ACH, NON, ...
        credit_or_debit:code BPR03
        payment:amount BPR02: the check
        payment_date:date BPR16, else DTM*405, else the group's date
        production_date:date DTM*405
        trace_number TRN02: the check or EFT number
        payer_trace_id TRN03
        claim_payments:number how many CLP
        service_payments:number how many SVC
        charge:amount the sum of CLP03
        paid:amount the sum of CLP04
        patient_responsibility:amount the sum of CLP05
        provider_adjustments:amount the sum of the PLB amounts
        balanced:flag whether every line, every claim and the check prove to the cent
        complete:flag whether the transaction has its SE
        """),
    "claim_payments": _columns("""
        claim_payment:number which CLP of the transaction, from 1
        patient_control_number CLP01
        status:code CLP02
        charge:amount CLP03
        paid:amount CLP04
        patient_responsibility:amount CLP05
        filing_indicator:code CLP06
        payer_claim_control_number CLP07
        original_control_number REF*F8
        facility_type:code CLP08
        frequency:code CLP09
        patient_last_name NM1*QC
        patient_first_name NM1*QC
        member_id NM1*QC, NM109
        rendering_provider_id NM1*82, NM109
        crossover_payer NM1*TT
        statement_from:date DTM*232
        statement_to:date DTM*233
        received_date:date DTM*050
        drg_code:code CLP11
        remarks:code the remark codes of MIA and MOA, separated by blanks
        """),
    "service_payments": _columns(
        _PAYMENT_LINE.replace("; empty: the claim as a whole", "") + _PROCEDURE + """
        charge:amount SVC02
        paid:amount SVC03
        allowed:amount AMT*B6
        units:code SVC05, as sent
        submitted_procedure:code SVC06: the code that was billed, where another was judged
        submitted_units:code SVC07, as sent
        service_from:date DTM*472 or 150
        service_to:date DTM*472 or 151
        line_control_number REF*6R
        remarks:code the LQ*HE codes, separated by blanks
        """),
    "adjustments": _columns(_PAYMENT_LINE + _ADJUSTMENT),
    "provider_adjustments": _columns("""
        provider_id PLB01
        fiscal_period_end:date PLB02
        code:code WO, L6, 72, ...
        reference the second part of the composite
        amount:amount positive lowers the payment
        """),
    "remarks": _columns(_PAYMENT_LINE + """
        list:code HE remark (RARC), RX pharmacy reject
        code:code the code, as sent
        """),
    "claims": _columns("""
        claim:number which CLM of the transaction, from 1
        form:code P, I or D
        patient_control_number CLM01
        charge:amount CLM02
        frequency:code CLM05-3: 1 original, 7 replacement, 8 void, ...
        facility_code:code CLM05-1
        billing_provider the name of loop 2010AA
        billing_provider_id its NM109, mostly an NPI
        payer the name of loop 2010BB
        payer_id its NM109
        payer_rank:code SBR01 of the payer the claim is sent to
        filing_indicator:code SBR09
        member_id NM109 of the subscriber
        patient_last_name of the patient, who may be the subscriber
        patient_first_name of the patient
        patient_birth_date:date DMG02
        service_from:date the statement's dates, else the earliest line
        service_to:date the statement's dates, else the latest line
        diagnoses the diagnosis codes, separated by blanks
        patient_paid:amount AMT*F5
        other_payers:number how many loops 2320
        lines:number how many LX
        """),
    "service_lines": _columns(
        _CLAIM_LINE.replace("; empty: the claim as a whole", "") + _PROCEDURE + """
        charge:amount SV102, SV203, SV302
        unit:code UN, MJ, DA, ...
        units:code the quantity, as sent
        place_of_service:code SV105
        diagnosis_pointers:code positions in the claim's diagnoses, separated by blanks
        service_from:date DTP*472
        service_to:date DTP*472
        line_control_number REF*6R
        drug_code:code LIN03
        """),
    "diagnoses": _columns("""
        claim:number which CLM of the transaction, from 1
        position:number which code of the claim, from 1; lines point at it
        qualifier:code ABK, ABF, BK, BE, BH, ...
        code:code the code, as sent
        present_on_admission:code Y, N, U, W, 1
        """),
    "other_payers": _columns("""
        claim:number which CLM of the transaction, from 1
        other_payer:number which loop 2320 of the claim, from 1
        payer the name of loop 2330B
        payer_id its NM109
        payer_rank:code SBR01
        filing_indicator:code SBR09
        member_id NM109 of loop 2330A
        paid:amount AMT*D; empty: the payer has not answered
        paid_date:date DTP*573
        payer_claim_control_number REF*F8
        """),
    "other_payer_adjustments": _columns(
        _CLAIM_LINE + "payer_id the payer that gave it: NM109 of 2330B, SVD01\n" + _ADJUSTMENT),
    "findings": _columns("""
        code:code what kind of problem
        severity:code error, warning, info
        message:code a sentence without patients' data
        action:code what to do
        """),
}  # fmt: skip

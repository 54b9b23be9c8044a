"""What is legal in form and wrong or dangerous in sense: code, severity, sentence, action.

The traps of claim_rules.md section 7 and the rules of sections 2, 3 and 5 that one file can show.
Each has a page of its own in ``docs/findings``. Sentences name places, never a patient's data.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from medcollect.findings import Finding, Severity


class Situation(NamedTuple):
    """One row of the table; ``{where}`` in ``message`` is replaced by the place."""

    severity: Severity
    message: str
    action: str


class Hit(NamedTuple):
    """A row that applies, where it applies, and the words for ``{where}``."""

    code: str
    segment: int
    where: str = ""


_PAYER: Final = "Ask the payer for a corrected remittance if it happens often."
_BEFORE: Final = "Correct the claim before it is sent."
_LOOK: Final = "Look at the claim payment before anyone is billed."

#: code -> what it means and what to do. Codes are stable: scripts and documentation name them.
SITUATIONS: Final[dict[str, Situation]] = {
    # the payment as a whole
    "payment-negative": Situation(
        "error", "BPR02 is negative; a payment never is (a debt is carried by PLB).", _PAYER
    ),
    "payment-method-contradicts": Situation(
        "warning", "BPR04 says that no payment is made, yet BPR02 is not zero.", _PAYER
    ),
    "trace-number-missing": Situation(
        "warning",
        "TRN02 is empty: nothing ties the remittance to a check or deposit.",
        "Ask the payer for the check or EFT number before it is posted.",
    ),
    "payer-id-differs": Situation(
        "info",
        "TRN03 and BPR10, both the payer's identifier, differ.",
        "Nothing to do; TRN03 identifies the payment.",
    ),
    "trace-number-of-two-payers": Situation(
        "info",
        "Another payment of this file has the same TRN02 from another payer.",
        "Nothing to do; the two are told apart by TRN03.",
    ),
    "transaction-4010": Situation(
        "info",
        "The transaction is of version 4010, which was replaced in 2012.",
        "Nothing to do; it is read by the rules of its time.",
    ),
    "provider-adjustment-code-unknown": Situation(
        "warning",
        "{where} is not in the list of provider adjustment codes.",
        "Ask the payer what the money is for before it is posted.",
    ),
    "provider-adjustment-sign": Situation(
        "info",
        "{where} has the sign that its code usually does not have.",
        "Check whether the payer takes or gives.",
    ),
    "provider-adjustment-without-reference": Situation(
        "warning",
        "{where} takes or gives money for a claim and names none.",
        "Ask the payer which claim it is.",
    ),
    "interest-without-payment": Situation(
        "info",
        "Claims state interest (AMT*I), and no PLB L6 pays any.",
        "Compare the payment with the deposit: AMT never takes part in the sums.",
    ),
    "provider-adjustments-only": Situation(
        "info",
        "The payment has provider adjustments and no claim payment.",
        "Nothing to do; the money is posted under the adjustments' references.",
    ),
    # claim payments
    "claim-payment-without-lines": Situation(
        "info",
        "The claim payment has no service lines: the payer answered for the claim as a whole.",
        "Nothing to do; it is matched and posted as a whole.",
    ),
    "copayment-takes-all": Situation(
        "info",
        "Nothing is paid because the copayment (reason 3) takes all that is allowed.",
        "Bill the patient no more than the allowed amount; this is not a denial.",
    ),
    "claim-payment-repeated": Situation(
        "warning",
        "An earlier claim payment of this transaction has the same number, charge and status.",
        "Find out whether the payer split one claim or answered two of the same charge.",
    ),
    "status-denied-misused": Situation(
        "info",
        "CLP02 is 4 (patient not known), and the claim payment was adjudicated all the same.",
        "Go by the amounts and reasons; CLP02 4 is not what makes a denial.",
    ),
    "contractual-full-charge": Situation(
        "warning",
        "The contractual reason 45 takes the whole charge, and nothing is paid or owed.",
        "Treat it as a denial until the payer explains it: a contract leaves an allowed amount.",
    ),
    "reversal-not-negative": Situation(
        "error",
        "CLP02 is 22 (reversal), and the charge is positive.",
        "Ask the payer whether this is a reversal or a new answer; do not post it as either.",
    ),
    "reversal-without-original": Situation(
        "info",
        "The reversal names no control number (CLP07, REF*F8) of the answer that it takes back.",
        "It is matched by the patient control number and the amounts.",
    ),
    "payment-negative-on-claim": Situation(
        "info",
        "CLP04 is negative without a reversal: an amount paid on top is taken back.",
        "Nothing to do; the sign is kept.",
    ),
    "forwarded-without-payer": Situation(
        "info",
        "CLP02 says that the claim was forwarded, and no NM1*TT names to whom.",
        "Ask the payer where the claim went before it is sent to the next payer.",
    ),
    "forwarding-not-stated": Situation(
        "info",
        "NM1*TT names a crossover carrier, and CLP02 does not say that the claim was forwarded.",
        "Check with the carrier before the claim is sent there.",
    ),
    "prior-payer-not-stated": Situation(
        "warning",
        "A payer that is not the first gives no reason 23 (effect of earlier payers).",
        "Do not write the adjustment off a second time: compare with the first payer's answer.",
    ),
    "patient-billed-contractual": Situation(
        "warning",
        "Group PR with reason 45 charges the patient what is above the allowed amount.",
        "Do not bill it before someone has checked contract and balance-billing law.",
    ),
    "patient-protected": Situation(
        "warning",
        "There is patient responsibility although a remark says that the patient is protected "
        "(QMB).",
        "Do not bill the patient; Medicaid or nobody owes it.",
    ),
    "medicaid-patient-responsibility": Situation(
        "warning",
        "A Medicaid answer leaves an amount to the patient.",
        "Bill no more than the state's copayment, and only if the state allows it.",
    ),
    "adjustment-negative": Situation(
        "info",
        "An adjustment is negative although this is no reversal: it raises the payment.",
        "Nothing to do; the sign is kept.",
    ),
    "reason-without-remark": Situation(
        "warning",
        "Reason {where} needs a remark code that tells what is meant, and there is none.",
        "Ask the payer what is missing; the appeal clock runs meanwhile.",
    ),
    "remark-without-adjustment": Situation(
        "info",
        "A remark explains an adjustment, and the line has none.",
        "Read the remark; no money hangs on it here.",
    ),
    "remark-unrelated": Situation(
        "info",
        "Remark {where} makes other reasons precise than those that stand beside it.",
        "Read both; the combination is not one that payers usually send.",
    ),
    "filing-indicator-unknown": Situation(
        "warning",
        "{where} is no kind of plan that the guide lists.",
        "Tell the sender; the payer's rules are taken from its name.",
    ),
    "line-control-number-repeated": Situation(
        "warning",
        "Two lines of a claim have the same line control number (REF*6R).",
        "Give each line its own: answers are paired by it.",
    ),
    "service-date-missing": Situation(
        "warning",
        "Neither the line nor its claim has a date of service.",
        "Pair the line by its procedure and charge; ask the sender for the date.",
    ),
    "service-dates-reversed": Situation(
        "warning", "The last day of service stands before the first.", "Correct the dates."
    ),
    "service-in-the-future": Situation(
        "warning",
        "A service is later than the day of the file.",
        "Correct the date: payers refuse services that have not been given.",
    ),
    # claims
    "replacement-without-original": Situation(
        "error",
        "CLM05-3 asks to replace or void a claim, and no REF*F8 names the payer's number of it.",
        "Add REF*F8 with CLP07 of the payer's answer: payers refuse the claim otherwise.",
    ),
    "original-without-replacement": Situation(
        "info",
        "The claim is an original (CLM05-3 is 1) and names an earlier one (REF*F8).",
        "Use frequency 7 if it shall replace the earlier claim.",
    ),
    "frequency-unusual": Situation(
        "warning",
        "CLM05-3 is none of 1, 7 and 8, which professional and dental claims use.",
        _BEFORE,
    ),
    "claim-without-lines": Situation("warning", "The claim has no service lines.", _BEFORE),
    "revenue-total-line": Situation(
        "warning",
        "A line has revenue code 0001, the total line of the paper form.",
        "Leave the line out: electronic claims have no total line.",
    ),
    "diagnosis-pointer-missing": Situation(
        "warning", "A professional line points at no diagnosis (SV107).", _BEFORE
    ),
    "diagnoses-too-many": Situation(
        "warning", "A professional claim has more than twelve diagnoses.", _BEFORE
    ),
    "ndc-form": Situation(
        "warning", "The drug code (LIN03) does not have eleven digits (5-4-2).", _BEFORE
    ),
    "taxonomy-form": Situation(
        "warning", "The taxonomy code (PRV03) is not ten characters ending in X.", _BEFORE
    ),
    "payer-rank-unknown": Situation(
        "warning", "SBR01 is not one of P, S, T, A to H and U.", _BEFORE
    ),
    "payer-rank-repeated": Situation(
        "warning", "Two payers of one claim have the same place in the order (SBR01).", _BEFORE
    ),
    "earlier-payer-missing": Situation(
        "warning",
        "The claim goes to a payer that is not the first, and no 2320 loop tells of the first.",
        "Add the earlier payer with its answer: the next one cannot decide without it.",
    ),
    "earlier-payer-does-not-balance": Situation(
        "error",
        "CLM02 less an earlier payer's adjustments is not what it paid (AMT*D).",
        "Copy the adjustments of the payer's remittance unchanged, line by line.",
    ),
    "earlier-payer-line-does-not-balance": Situation(
        "error",
        "A line's charge less an earlier payer's adjustments is not what it paid (SVD02).",
        "Copy the adjustments of the payer's remittance unchanged.",
    ),
    "earlier-payer-id-differs": Situation(
        "warning",
        "SVD01 is the identifier of none of the claim's other payers (2330B).",
        "Use the identifier of the payer's NM1*PR.",
    ),
}


def situation(hit: Hit, transaction: int) -> Finding:
    """Make the finding for a row that applies."""
    row = SITUATIONS[hit.code]
    message = row.message.format(where=hit.where)
    return Finding(hit.code, row.severity, message, row.action, hit.segment, transaction)

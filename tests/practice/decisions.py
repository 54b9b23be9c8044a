"""What payers decide on the lines of a claim, in the form of answers whose sums are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tests.practice.payers import Insurer
from tests.support.specs import Answer, Cas, Claim, Line, Person, Service


@dataclass(frozen=True)
class Decision:
    """One line as one payer decided it, in cents; line -1 stands for the claim as a whole.

    ``refused`` stays open with the payer. The amounts are what the practice must book, ``cas`` is
    what the payer wrote.
    """

    line: int
    paid: int = 0
    written: int = 0
    patient: int = 0
    cas: tuple[Cas, ...] = ()
    remarks: tuple[str, ...] = ()


#: How payers refuse a line: group, reason, remarks. Nothing of it is written off or the patient's.
REFUSALS = (
    ("CO", "197", ()),
    ("CO", "50", ("N115",)),
    ("CO", "29", ()),
    ("CO", "16", ("N290",)),
    ("CO", "11", ()),
    ("PI", "97", ()),
)


def kept(*items: Cas) -> tuple[Cas, ...]:
    """Adjustments that are not zero."""
    return tuple(item for item in items if item[2])


def first_payer(
    insurer: Insurer, line: Line, number: int, *, deductible: bool, copay: bool
) -> Decision:
    """What the first payer allows, leaves to the patient and pays on a line."""
    allowed = line.charge * insurer.allows // 100
    written = line.charge - allowed
    if deductible:
        return Decision(
            number, 0, written, allowed, kept(("CO", "45", written), ("PR", "1", allowed))
        )
    owed = min(insurer.copay, allowed) if copay else 0
    shared = (allowed - owed) * insurer.coinsurance // 100
    paid = allowed - owed - shared
    # the federal budget cut: two percent of what Medicare pays
    cut = paid * 2 // 100 if insurer.payer.plan == "MB" else 0
    adjustments = kept(
        ("CO", "45", written), ("CO", "253", cut), ("PR", "3", owed), ("PR", "2", shared)
    )
    return Decision(number, paid - cut, written + cut, owed + shared, adjustments)


def capitated(insurer: Insurer, line: Line, number: int, *, copay: bool) -> Decision:
    """The monthly amount pays the visit: nothing but the copay is left."""
    owed = min(insurer.copay, line.charge) if copay else 0
    written = line.charge - owed
    return Decision(number, 0, written, owed, kept(("CO", "24", written), ("PR", "3", owed)))


def refused(line: Line, number: int, reason: tuple[str, str, tuple[str, ...]]) -> Decision:
    """A line that the payer does not pay for."""
    group, code, remarks = reason
    return Decision(number, cas=((group, code, line.charge),), remarks=remarks)


def not_covered(line: Line, number: int) -> Decision:
    """PR-204: not covered by the plan, the patient pays."""
    return Decision(number, patient=line.charge, cas=(("PR", "204", line.charge),))


def later_payer(
    insurer: Insurer, number: int, settled: int, left: int, *, share: int, misuse: bool
) -> Decision:
    """A payer after the first: OA-23 for what is settled, then its part of what is left.

    ``share`` is the percentage it pays. Medicaid's payment is payment in full. ``misuse``: the
    payer writes CO-45 over everything that the earlier payers settled (claim_rules.md 4.2 no. 4).
    """
    paid = left * share // 100
    rest = left - paid
    if insurer.payer.plan != "MC":
        return Decision(number, paid, 0, rest, kept(("OA", "23", settled), ("PR", "2", rest)))
    stated = (
        (("CO", "45", settled + rest),) if misuse else (("OA", "23", settled), ("CO", "45", rest))
    )
    return Decision(number, paid, rest, 0, kept(*stated))


def service(line: Line, decision: Decision, day: date, **changes: object) -> Service:
    """The service payment of a decision."""
    return replace(
        Service(
            code=line.code,
            charge=line.charge,
            paid=decision.paid,
            cas=decision.cas,
            modifiers=line.modifiers,
            units=line.units,
            control=line.control,
            revenue=line.revenue,
            remarks=decision.remarks,
            day=line.day or day,
        ),
        **changes,
    )


def answer(
    claim: Claim,
    decisions: Sequence[Decision],
    *,
    status: str,
    control: str,
    patient: Person,
    services: Iterable[Service] | None = None,
    **more: object,
) -> Answer:
    """The claim payment that says all of these decisions."""
    lines = [d for d in decisions if d.line >= 0]
    whole = [d for d in decisions if d.line < 0]
    day = claim.service_from
    said = [service(claim.lines[d.line], d, day) for d in lines] if services is None else services
    charge = sum(claim.lines[d.line].charge for d in lines)
    stated = {
        "number": claim.number,
        "status": status,
        "charge": charge or claim.charge,
        "paid": sum(d.paid for d in decisions),
        "responsibility": sum(c for d in decisions for g, _, c in d.cas if g == "PR") or None,
        "services": tuple(said),
        "cas": tuple(item for d in whole for item in d.cas),
        "control_number": control,
        "patient": patient,
        "service_from": day,
        "service_to": claim.service_to,
        "inpatient": claim.form == "I" and claim.place == "11",
        "facility": claim.place,
    }
    return Answer(**{**stated, **more})

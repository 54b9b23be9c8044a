"""The worked examples of ``data/worked_examples.json`` as real 837 and 835 files.

Each example is one claim with its payers' answers in order; claims marked ``other_account`` belong
to other invented patients, with 837 claims of their own. Payers that answer later are the claim's
further coverages, in loop 2320 of the 837; for a crossover (``nm1_tt``) the supplement can also be
left out, because the remittance itself names it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import (
    Answer,
    Cas,
    Claim,
    Coverage,
    Line,
    Payer,
    Person,
    ProviderAdjustment,
    Remit,
    Service,
    usd,
)

EXAMPLES_FILE = Path(__file__).parent / "data" / "worked_examples.json"
SERVICE_DAY = date(2026, 1, 12)
FIRST_ANSWER = date(2026, 2, 2)

PAYERS = {
    "primary": Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101", "CI", "12"),
    "secondary": Payer("HARBOR BENEFIT FUND", "HBF02", "999000102", "CI", "15"),
    "tertiary": Payer("STONEBRIDGE TRUST", "SBT03", "999000103", "CI", "15"),
    "medicare": Payer("GREAT RIVER MEDICARE SERVICES", "GRM04", "999000104", "MB", "MB"),
    "medicaid": Payer("PRAIRIE STATE MEDICAID", "PSM05", "999000105", "MC", "MC"),
    "supplement": Payer("LANTERN SUPPLEMENT", "LSI06", "999000106", "CI", "15"),
}
CAPITATED = Payer("VALLEY CARE HMO", "VCH07", "999000107", "HM", "HM")

PATIENT = Person("MARLOWE", "EDITH", date(1951, 3, 14), "F")
OTHERS = (
    Person("PEMBERTON", "OSCAR", date(1966, 7, 9), "M"),
    Person("QUILLFEATHER", "RUTH", date(1972, 11, 30), "F"),
)
RANKS = "PST"
CODES = ("G0463", "G2211", "G0402", "G0438")
COMBINED_CODE = "G0480"
SUBMITTED_CODES = {"submitted code A": "G0481", "submitted code B": "G0482"}


@dataclass(frozen=True)
class Example:
    """One worked example, ready to import: its files' texts and what must come out."""

    id: str
    number: str
    claims: str
    remits: tuple[str, ...]
    remit_specs: tuple[Remit, ...]
    claim_specs: tuple[Claim, ...]
    raw: dict[str, Any]

    @property
    def expected(self) -> dict[str, Any] | None:
        """The final figures, ``None`` where only the payment total counts (E15)."""
        return self.raw["expected"]

    def write(self, folder: Path) -> tuple[Path, list[Path]]:
        """Put the 837 and the 835 files into a folder; their paths, remits in order."""
        claims = folder / f"{self.id}-837.edi"
        claims.write_text(self.claims, encoding="ascii", newline="")
        paths = []
        for number, text in enumerate(self.remits, 1):
            path = folder / f"{self.id}-835-{number}.edi"
            path.write_text(text, encoding="ascii", newline="")
            paths.append(path)
        return claims, paths


def raw_examples() -> list[dict[str, Any]]:
    """The examples as the file states them."""
    return json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))["examples"]


def examples(*, crossover_known: bool = True) -> list[Example]:
    """Every example; with ``crossover_known=False`` the 837 does not know the crossover's payer."""
    raws = {raw["id"]: raw for raw in raw_examples()}
    # E15 settles the recovery of E14: it follows that example's first two remittances
    raws["E15"] = {
        **raws["E15"],
        "remits": raws["E14"]["remits"][:2] + raws["E15"]["remits"],
    }
    return [_example(raw, crossover_known=crossover_known) for raw in raws.values()]


def _example(raw: dict[str, Any], *, crossover_known: bool) -> Example:
    coverages = _coverages(raw, crossover_known=crossover_known)
    claims = [_main_claim(raw, coverages)]
    remits = []
    for index, remit in enumerate(raw["remits"]):
        answers = []
        for position, answer in enumerate(remit["claims"]):
            subject = claims[0]
            if answer.get("other_account"):
                subject = _other_claim(raw, answer, index)
                claims.append(subject)
            answers.append(_answer(raw, remit, answer, subject, (index, position)))
        remits.append(_remit(raw, remit, index, tuple(answers)))
    number = int(raw["id"][1:])
    envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=SERVICE_DAY, control=number)
    return Example(
        id=raw["id"],
        number=claims[0].number,
        claims=build_837(claims, envelope),
        remits=tuple(_remit_file(remit, number * 10 + i) for i, remit in enumerate(remits)),
        remit_specs=tuple(remits),
        claim_specs=tuple(claims),
        raw=raw,
    )


def _remit_file(remit: Remit, control: int) -> str:
    return build_835([remit], Envelope(day=remit.day, control=control))


def _payer(raw: dict[str, Any], role: str) -> Payer:
    return CAPITATED if raw["claim"].get("capitated") else PAYERS[role]


def _coverages(raw: dict[str, Any], *, crossover_known: bool) -> tuple[Coverage, ...]:
    """The payers in the order they answer; a QMB patient has Medicaid as well."""
    roles = list(dict.fromkeys(remit["payer"] for remit in raw["remits"]))
    crossed = any(a.get("nm1_tt") for remit in raw["remits"] for a in remit["claims"])
    if crossed and not crossover_known and not raw["claim"].get("qmb"):
        roles = roles[:1]
    number = raw["id"][1:]
    return tuple(
        Coverage(_payer(raw, role), f"W{number}{rank}", rank)
        for role, rank in zip(roles, RANKS, strict=False)
    )


def _main_claim(raw: dict[str, Any], coverages: tuple[Coverage, ...]) -> Claim:
    first = [a for a in raw["remits"][0]["claims"] if not a.get("other_account")]
    number = f"WE{raw['id']}"
    lines: list[Line] = []
    for answer in first:
        lines += [_line(number, spec, len(lines) + i) for i, spec in enumerate(answer["lines"])]
    return Claim(
        number=number,
        patient=PATIENT,
        coverages=coverages,
        lines=tuple(lines),
        service_from=SERVICE_DAY,
        patient_paid=usd(raw["claim"]["patient_paid"]),
    )


def _line(number: str, spec: dict[str, Any], index: int) -> Line:
    return Line(
        code=SUBMITTED_CODES.get(spec.get("svc06", ""), CODES[index]),
        charge=usd(spec["charge"]),
        modifiers=tuple(spec.get("modifiers", ())),
        control=f"{number}L{index + 1}",
    )


def _other_claim(raw: dict[str, Any], answer: dict[str, Any], index: int) -> Claim:
    person = OTHERS[index % len(OTHERS)]
    number = f"OT{raw['id']}R{index + 1}"
    lines = tuple(_line(number, spec, i) for i, spec in enumerate(answer["lines"]))
    coverage = Coverage(PAYERS["primary"], f"X{raw['id'][1:]}{index}", "P")
    return Claim(number, person, (coverage,), lines, SERVICE_DAY)


def _answer(
    raw: dict[str, Any],
    remit: dict[str, Any],
    answer: dict[str, Any],
    claim: Claim,
    place: tuple[int, int],
) -> Answer:
    payer = _payer(raw, remit["payer"])
    coverage = next((c for c in claim.coverages if c.payer == payer), None)
    start = _first_line(remit, answer, place[1])
    owed = answer["clp05"]
    crossover = answer.get("nm1_tt")
    return Answer(
        number=claim.number,
        status=answer["clp02"],
        charge=usd(answer["clp03"]),
        paid=usd(answer["clp04"]),
        responsibility=None if owed is None else usd(owed),
        services=tuple(
            _service(spec, claim.lines[start + i]) for i, spec in enumerate(answer["lines"])
        ),
        cas=_cas(answer["claim_cas"]),
        control_number=answer.get("clp07") or _control_number(raw, remit, answer, place),
        patient=claim.patient,
        member_id=coverage.member_id if coverage else "W999",
        remarks=tuple(answer.get("remarks", ())),
        crossover=PAYERS[crossover.lower()] if crossover else None,
        service_from=SERVICE_DAY,
        interest=usd(answer["amt_i"]) if "amt_i" in answer else None,
    )


def _first_line(remit: dict[str, Any], answer: dict[str, Any], position: int) -> int:
    """Where the claim's lines start that this answer is about: splits share one claim's lines."""
    if "clp07" not in answer:
        return 0
    earlier = remit["claims"][:position]
    return sum(len(other["lines"]) for other in earlier if "clp07" in other)


def _control_number(
    raw: dict[str, Any], remit: dict[str, Any], answer: dict[str, Any], place: tuple[int, int]
) -> str:
    """CLP07: the PLB's reference where one names the claim; a correction gets a new number."""
    if answer.get("other_account"):
        return f"{raw['id']}O{place[0]}{place[1]}"
    later = [r for r in raw["remits"] if r["payer"] == remit["payer"]]
    named = [p[1] for r in later for p in r["plb"] if p[0] in {"WO", "72", "L6"}]
    original = named[0] if named else f"{raw['id']}{remit['payer'][:4].upper()}"
    follows_reversal = any(c["clp02"] == "22" for c in remit["claims"][: place[1]])
    return f"{original}C" if follows_reversal else original


def _service(spec: dict[str, Any], line: Line) -> Service:
    recoded = "svc06" in spec
    return Service(
        code=COMBINED_CODE if recoded else line.code,
        submitted=line.code if recoded else "",
        charge=usd(spec["charge"]),
        paid=usd(spec["paid"]),
        cas=_cas(spec["cas"]),
        modifiers=tuple(spec.get("modifiers", ())),
        control=line.control,
        remarks=tuple(spec.get("remarks", ())),
        day=SERVICE_DAY,
    )


def _cas(items: list[list[str]]) -> tuple[Cas, ...]:
    return tuple((group, reason, usd(amount)) for group, reason, amount in items)


def _remit(raw: dict[str, Any], remit: dict[str, Any], index: int, answers: Any) -> Remit:
    adjustments = tuple(ProviderAdjustment(c, r, usd(a)) for c, r, a in remit["plb"])
    return Remit(
        payer=_payer(raw, remit["payer"]),
        trace=f"{raw['id']}T{index + 1}",
        day=FIRST_ANSWER + timedelta(days=14 * index),
        answers=answers,
        provider_adjustments=adjustments,
        amount=usd(remit["bpr02"]),
        method=remit["bpr04"],
    )


def without_line_control_numbers(example: Example) -> Example:
    """The same example from a payer that does not return REF*6R."""
    remits = tuple(
        replace(
            remit,
            answers=tuple(
                replace(a, services=tuple(replace(s, control="") for s in a.services))
                for a in remit.answers
            ),
        )
        for remit in example.remit_specs
    )
    number = int(example.id[1:])
    texts = tuple(_remit_file(remit, number * 10 + i) for i, remit in enumerate(remits))
    return replace(example, remit_specs=remits, remits=texts)

"""One claim, explained: figures, lines, and the walk from the charge to what is left."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.cases import build_case
from medcollect.bookkeeping.deaths import tells_death
from medcollect.ids import name
from medcollect.ledger import ClaimCase
from medcollect.ledger.nothing_paid import nothing_paid
from medcollect.matching.lines import match_lines
from medcollect.model.casework import DENIED, REJECTED, SILENT, UNDERPAID
from medcollect.model.posting import (
    CONTRACTUAL,
    INSURANCE_RECEIVABLE,
    PATIENT_RECEIVABLE,
    UNAPPLIED,
    WRITE_OFF,
    Entry,
    Posting,
)
from medcollect.money import format_cents
from medcollect.store.engine import Store
from medcollect.store.journal import JournalWriter
from medcollect.store.policies import newest
from medcollect.store.tables import exceptions
from medcollect.tasks.claim_chain import claim_chain
from medcollect.tasks.claim_steps import CHARGING, WAITING_OUTCOMES, claim_steps, in_order, made_of
from medcollect.tasks.entry_view import death_of, entries_about
from medcollect.tasks.exception_list import exception_json, exception_query
from medcollect.tasks.figures import claim_summary, not_billable, text_of
from medcollect.tasks.load import LoadedClaim, find_claims, load_claim
from medcollect.tasks.payment_view import (
    claim_payment_steps,
    payments_of_claim,
    with_payment_steps,
)
from medcollect.tasks.provider_adjustments import adjustments_of_claim
from medcollect.tasks.waiting import wait_of_row
from medcollect.tasks.worklists import denial_rows
from medcollect.tasks.written_view import written_view

Row = dict[str, Any]

_LINE_FIGURES = {
    UNAPPLIED: "insurance_paid",
    CONTRACTUAL: "written_off",
    WRITE_OFF: "written_off",
    PATIENT_RECEIVABLE: "patient_responsibility",
    INSURANCE_RECEIVABLE: "insurance_open",
}


def view_claim(store: Store, number: str) -> Row:
    """Everything on one claim (DESIGN section 8.1); a list where several carry the number.

    Raises NotFound when no claim does.
    """
    with store.reading() as connection:
        found = find_claims(connection, number)
        if len(found) > 1:
            return {"ambiguous": True, "claims": [claim_summary(row) for row in found]}
        loaded = load_claim(connection, found[0])
        entries = _entries(connection, found[0]["id"])
        case = build_case(loaded.group)
        row = found[0]
        view = claim_summary(row)
        view["state_reason"] += made_of(loaded.group.documents)
        view["not_billable"] = not_billable([row])
        waits = row["waiting_rank"] and row["insurance_receivable_cents"] > 0
        view["waiting_for"] = row["waiting_payer"] if waits else None
        held = any(r["outcome"] in WAITING_OUTCOMES for r in loaded.payment_rows.values())
        in_force = newest(connection).policies
        view["waiting"] = wait_of_row(row, in_force, dates.today(), answer_held=held)
        view["refund_due"] = view["credit"] if row["state"] == "credit_patient" else "0.00"
        view["lines"] = _lines(connection, row["id"], case, entries)
        view["denials"] = denial_rows(connection, claim_id=row["id"], status=None, kind=DENIED)
        view["silent_denials"] = denial_rows(connection, claim_id=row["id"], kind=SILENT)
        view["underpayments"] = denial_rows(connection, claim_id=row["id"], kind=UNDERPAID)
        steps = claim_steps(loaded, entries, row, view["denials"])
        view["steps"] = with_payment_steps(steps, claim_payment_steps(connection, row["id"]))
        view["patient_payments"] = payments_of_claim(connection, row["id"])
        view["entries"] = entries_about(connection, [row])
        view["deceased"] = death_of(view["entries"]) or _death_told(loaded)
        view["exceptions"] = _exceptions(connection, loaded)
        if held:
            ids = ", ".join(found["id"] for found in view["exceptions"]) or "none open"
            view["state_reason"] += f" An answer is on file and not posted (exceptions: {ids})."
        view |= _recoveries(connection, loaded)
        view |= claim_chain(connection, loaded)
        if view["rejection"] is not None:
            work = denial_rows(connection, claim_id=row["id"], kind=REJECTED)
            view["rejection"]["work"] = work[0] if work else None
        view["payments"] = [_payment(loaded, p.id, case) for p in loaded.group.payments]
        view["written"] = written_view(connection, loaded.group.documents)
        return view


def _death_told(loaded: LoadedClaim) -> Row | None:
    """The patient's death as the claim's own documents tell it; the day only PAT06 does."""
    group = loaded.group
    if not tells_death(group.documents, [p for p in group.payments if not p.held]):
        return None
    days = [d.claim.patient.death_date for d in group.documents]
    died = next((day for day in reversed(days) if day is not None), None)
    return {"died_on": text_of(died), "representative": None}


def _entries(connection: sa.Connection, claim: int) -> list[Entry]:
    """The claim's standing journal entries in the order of their dates."""
    standing = JournalWriter(connection, None).standing("claim", [claim]).get(claim, [])
    return in_order([entry for _, entry in sorted(standing, key=lambda pair: pair[0])])


def _lines(
    connection: sa.Connection, claim: int, case: ClaimCase, entries: list[Entry]
) -> list[Row]:
    """Every billed line with its figures; line 0 is what stands at claim level."""
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in entries:
        for leg in _line_legs(entry):
            sums[leg.line][_LINE_FIGURES[leg.account]] += leg.cents
    refused = denial_rows(connection, claim_id=claim, status=None, kind=DENIED)
    rows = []
    for line in case.lines:
        figures = sums.pop(line.position, {})
        rows.append(
            {
                "line": line.position,
                "procedure": line.procedure_code or line.revenue_code,
                "modifiers": list(line.modifiers),
                "diagnoses": list(line.diagnoses),
                "service_from": text_of(line.service_from),
                "charge": format_cents(0 if case.voided else line.charge_cents),
                **_line_figures(figures),
                "denials": [d for d in refused if d["line"] == line.position],
            }
        )
    if any(any(figures.values()) for figures in sums.values()):
        rows.append(
            {
                "line": 0,
                "procedure": "",
                "modifiers": [],
                "diagnoses": [],
                "service_from": None,
                "charge": format_cents(_beside_lines(case)),
                **_line_figures(sums[0]),
                "denials": [d for d in refused if d["line"] == 0],
            }
        )
    return rows


def _beside_lines(case: ClaimCase) -> int:
    """What the claim charges beside its lines; a void claim charges nothing."""
    return 0 if case.voided else case.charge_cents - sum(x.charge_cents for x in case.lines)


def _line_legs(entry: Entry) -> list[Posting]:
    """The legs that a line's figures add up from; a payment's cash by what it settled."""
    legs = [leg for leg in entry.postings if leg.account in _LINE_FIGURES]
    if entry.cause == "patient_payment":
        return []
    kept = [leg for leg in legs if leg.account != UNAPPLIED]
    settled: dict[int, int] = defaultdict(int)
    for leg in entry.postings:
        if leg.account in {INSURANCE_RECEIVABLE, CONTRACTUAL, WRITE_OFF, PATIENT_RECEIVABLE}:
            settled[leg.line] -= leg.cents
    if entry.cause in CHARGING:
        return kept
    return kept + [Posting(UNAPPLIED, cents, line) for line, cents in settled.items() if cents]


def _line_figures(sums: dict[str, int]) -> dict[str, str]:
    names = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")
    return {figure: format_cents(sums.get(figure, 0)) for figure in names}


def _payment(loaded: LoadedClaim, payment_id: int, case: ClaimCase) -> Row:
    """One claim payment of the claim with its match, claim and lines, and its outcome."""
    row = loaded.payment_rows[payment_id]
    services = row["payment"].services
    matches = match_lines(services, case.lines)
    reasons = msgspec.json.decode(row["match_reasons"] or "{}")
    return {
        "id": name("P", payment_id),
        "remittance": name("R", row["remittance_id"]),
        "payer": row["payer_name"],
        "payment_date": text_of(row["payment_date"]),
        "trace_number": row["header"].trace_number,
        "status": row["status_code"],
        "charge": format_cents(row["charge_cents"]),
        "paid": format_cents(row["paid_cents"]),
        "payer_claim_control_number": row["payment"].payer_claim_control_number,
        "segment": row["segment"],
        "outcome": row["outcome"],
        "match": {
            "rule": row["match_rule"],
            "score": row["match_score"],
            "why": reasons.get("why", []),
            "rejected": reasons.get("rejected", []),
            "lines": [
                {"service": number, "line": match.line, "rule": match.rule, "score": match.score}
                for number, match in enumerate(matches, start=1)
            ],
        },
        "nothing_paid": [
            {
                "line": matches[found.service - 1].line if found.service else 0,
                "kind": found.kind,
                "means": found.means,
                "codes": list(found.codes),
            }
            for found in nothing_paid(row["payment"])
        ],
    }


def _recoveries(connection: sa.Connection, loaded: LoadedClaim) -> Row:
    """Provider adjustments that name the claim: each amount, and what they belong to."""
    payers = {p.payer_key for p in loaded.group.payments}
    chains = adjustments_of_claim(connection, loaded.row["id"], payers, dates.today())
    steps = [step for chain in chains for step in chain["steps"]]
    return {"provider_adjustments": steps, "recoveries": chains}


def _exceptions(connection: sa.Connection, loaded: LoadedClaim) -> list[Row]:
    """What waits for a person on this claim's payments."""
    ids = [p.id for p in loaded.group.payments]
    held = [row["remittance_id"] for row in loaded.payment_rows.values() if row["held"]]
    of_remittance = exceptions.c.claim_payment_id.is_(None) & exceptions.c.remittance_id.in_(held)
    query = exception_query().where(
        exceptions.c.claim_payment_id.in_(ids) | of_remittance, exceptions.c.status == "open"
    )
    rows = [dict(row._mapping) for row in connection.execute(query)]
    return [exception_json(connection, row) for row in rows]

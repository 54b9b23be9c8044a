"""The life of one claim beside its money: sent, acknowledged, accepted or rejected, judged, paid.

Every step says when, what was decided and in which words, and which file and segment say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect import codes
from medcollect.bookkeeping.closure import loaded_status
from medcollect.bookkeeping.filings import answers_by_sending, judged
from medcollect.bookkeeping.letters import BatchAnswer, decode_sending
from medcollect.filing import STAGES, Filing, Said
from medcollect.ids import import_name, name
from medcollect.matching.keys import number_key
from medcollect.matching.statuses import StatusDoc
from medcollect.model.acknowledgement import (
    Acknowledgement,
    InterchangeAcknowledgement,
    SegmentError,
    TransactionAnswer,
)
from medcollect.model.status import Status
from medcollect.money import format_dollars
from medcollect.store.correspondence import (
    letters_of_claim,
    places_of_transactions,
    sendings_of_documents,
)
from medcollect.tasks.figures import text_of
from medcollect.tasks.load import LoadedClaim

Row = dict[str, Any]

#: Verdicts as people say them.
_WORDS: Final = {
    "accepted_with_errors": "accepted with errors",
    "partially_accepted": "accepted in part",
    "not_found": "not found",
    "information_requested": "information requested",
    "unknown": "no verdict",
}


def claim_chain(connection: sa.Connection, loaded: LoadedClaim) -> Row:
    """The chain of a claim, what rejects it, and what proves that it was filed."""
    sendings = sendings_of_documents(connection, [d.id for d in loaded.group.documents])
    answers = answers_by_sending(connection, sendings)
    letters = letters_of_claim(connection, loaded.row["id"])
    statuses = [loaded_status({**row, "to_claim": None}) for row in letters]
    own = [row for rows in sendings.values() for row in rows]
    filing = judged(own, answers, statuses, loaded.group.payments)
    acknowledged = {r["id"]: r for rows in answers.values() for r in rows}
    chain = [*_sent_steps(loaded, sendings), *_acknowledged_steps(loaded, answers)]
    chain += [_status_step(row, doc) for row, doc in zip(letters, statuses, strict=True)]
    chain += _answer_steps(connection, loaded)
    chain.sort(key=lambda step: (step["date"] or "", STAGES.get(step["kind"], 0), step["at"]))
    for step in chain:
        del step["at"]
    known = {**acknowledged, **{row["id"]: row for row in letters}}
    return {
        "chain": chain,
        "rejection": _rejection(filing, known, chain),
        "proof_of_filing": _proof(filing, known),
    }


def _step(kind: str, verdict: str, said_at: str, text: str, place: Row, **more: Any) -> Row:
    """One step; ``place`` says which file, import and segment."""
    return {
        "date": said_at[:10] or None,
        "kind": kind,
        "verdict": verdict,
        "text": text,
        "payer": None,
        "payer_claim_control_number": None,
        "findings": [],
        "file": place["file"],
        "import": import_name(place["import_id"]),
        "segment": place["segment"],
        "at": said_at,
        **more,
    }


# --- sent and acknowledged ------------------------------------------------------------------------


def _sent_steps(loaded: LoadedClaim, sendings: dict[int, list[Row]]) -> Iterator[Row]:
    """Each time the claim was sent, a copy of the same file once."""
    for document in loaded.group.documents:
        seen: set[tuple[Any, ...]] = set()
        claim = document.claim
        for row in sendings.get(document.id, []):
            numbers = (row["interchange_control_number"], row["group_control_number"])
            identity = (*numbers, row["control_number"], row["sender_id"], row["receiver_id"])
            if identity in seen:
                continue
            seen.add(identity)
            day = row["sent_on"].isoformat() if row["sent_on"] else row["made_at"][:10]
            payer = claim.coverage.payer.last_name
            again = {"7": ", replacing the earlier one", "8": ", taking it back"}
            text = (
                f"Sent to {payer or 'the payer'} for {format_dollars(claim.charge_cents)}"
                f"{again.get(claim.frequency, '')} (ISA13 {numbers[0]}, GS06 {numbers[1]}, ST02 "
                f"{row['control_number']}, BHT03 {row['reference_id'] or 'none'})."
            )
            said_at = max(f"{day}T", row["made_at"]) if row["made_at"][:10] == day else f"{day}T"
            yield _step("837", "sent", said_at, text, row, payer=payer or None)


def _acknowledged_steps(loaded: LoadedClaim, answers: dict[int, list[Row]]) -> Iterator[Row]:
    """What came back on the files that held the claim."""
    number = number_key(loaded.row["patient_control_number"])
    seen: set[int] = set()
    for row in (row for rows in answers.values() for row in rows):
        if row["id"] in seen:
            continue
        seen.add(row["id"])
        record = decode_sending(row["kind"], row["document"])
        findings = list(_acknowledgement_findings(record, row["sent_number"], number))
        what = {"TA1": "interchange", "277CA": "batch"}.get(row["kind"], "transaction")
        said = _said(row["own_verdict"])
        text = f"The {what} was {said} by {row['payer_name'] or 'the receiver'}."
        yield _step(
            row["kind"], row["own_verdict"], row["said_at"], text, row, findings=findings,
            correspondence=name("L", row["id"]), payer=row["payer_name"] or None,
        )  # fmt: skip


def _acknowledgement_findings(
    record: Acknowledgement | InterchangeAcknowledgement | BatchAnswer,
    sent_number: str,
    claim_number: str,
) -> Iterator[Row]:
    """What an acknowledgement finds wrong, as far as it concerns this claim."""
    if isinstance(record, InterchangeAcknowledgement):
        if record.note and record.note != "000":
            yield _finding(record.note, codes.response_label("interchange", record.note))
    elif isinstance(record, BatchAnswer):
        yield from _status_findings(record.level.statuses)
    else:
        for answer in record.transactions:
            if answer.control_number == sent_number:
                yield from _transaction_findings(answer, claim_number)


def _transaction_findings(answer: TransactionAnswer, claim_number: str) -> Iterator[Row]:
    for code in answer.codes:
        yield _finding(code, codes.response_label("transaction", code))
    for error in answer.errors:
        named = {number_key(n) for n in _claims_named(error)}
        if not named or claim_number in named:
            yield from _segment_findings(error)


def _claims_named(error: SegmentError) -> Iterable[str]:
    """The claims that an error names (CTX*CLM01)."""
    contexts = [*error.contexts, *(c for e in error.elements for c in e.contexts)]
    return (c.value for c in contexts if c.name == "CLM01" and c.value)


def _segment_findings(error: SegmentError) -> Iterator[Row]:
    """IK3 and IK4 in words; the copy of what was sent is left out, it may be a patient's."""
    place = f"{error.segment_id}, segment {error.position} of the transaction"
    if not error.elements:
        label = codes.response_label("segment", error.code)
        yield _finding(error.code, f"{place}: {label or 'an error'}")
    for element in error.elements:
        label = codes.response_label("element", element.code)
        where = f"{error.segment_id}{element.position.zfill(2)}"
        yield _finding(element.code, f"{where}, {place}: {label or 'an error'}")


def _finding(code: str, text: str) -> Row:
    return {"code": code, "text": text or f"code {code}"}


# --- status ---------------------------------------------------------------------------------------


def _status_step(row: Row, doc: StatusDoc) -> Row:
    """One 277CA, 277 or 276 about the claim."""
    status = doc.status
    payer = row["payer_name"] or None
    findings = list(_status_findings(status.statuses))
    for line in status.lines:
        findings += [
            {**found, "text": f"line {line.position}: {found['text']}"}
            for found in _status_findings(line.statuses)
        ]
    return _step(
        row["kind"],
        status.verdict,
        row["said_at"],
        _status_text(doc, payer),
        row,
        payer=payer,
        payer_claim_control_number=status.payer_claim_control_number or None,
        findings=findings,
        correspondence=name("L", row["id"]),
        match={"rule": row["match_rule"], "score": row["match_score"]},
    )


def _status_text(doc: StatusDoc, payer: str | None) -> str:
    """The step as a sentence."""
    status, who = doc.status, payer or "the payer"
    if doc.kind == "276":
        return f"{who} was asked where the claim stands (trace {status.trace_number})."
    parts = [f"{who}: {_said(status.verdict)}"]
    if doc.kind == "277CA" and status.verdict == "accepted":
        parts[0] += " before judging" if not status.is_accepted_for_adjudication else ""
    if status.paid_cents:
        parts.append(f"paid {format_dollars(status.paid_cents)}")
    checks = [s.check_number for s in status.statuses if s.check_number]
    if checks:
        parts.append(f"check {checks[0]}")
    if status.payer_claim_control_number:
        parts.append(f"payer's claim number {status.payer_claim_control_number}")
    return f"{', '.join(parts)}."


def _status_findings(statuses: Sequence[Status]) -> Iterator[Row]:
    """STC composites as codes and words."""
    for status in statuses:
        for code in status.codes:
            parts = (code.category, code.status, code.entity)
            text = codes.status_label(*parts)
            if status.message:
                text += " (the payer added a note: see the file)"
            yield _finding(":".join(filter(None, parts)), text)


# --- remittances ----------------------------------------------------------------------------------


def _answer_steps(connection: sa.Connection, loaded: LoadedClaim) -> Iterator[Row]:
    """The remittances that answer the claim."""
    rows = loaded.payment_rows
    remittances = sorted({row["remittance_id"] for row in rows.values()})
    places = places_of_transactions(connection, remittances)
    for payment in loaded.group.payments:
        row = rows[payment.id]
        known = codes.claim_status(row["status_code"])
        label = known.label if known is not None else f"status {row['status_code']}"
        trace = row["header"].trace_number or "none"
        paid = format_dollars(row["paid_cents"])
        text = f"{row['payer_name']}: {label}, paid {paid} (trace {trace}), {row['outcome']}."
        place = {**places[row["remittance_id"]], "segment": row["segment"]}
        yield _step(
            "835", row["outcome"], text_of(row["payment_date"]) or "", text, place,
            payer=row["payer_name"] or None, claim_payment=name("P", payment.id),
            payer_claim_control_number=payment.payment.payer_claim_control_number or None,
        )  # fmt: skip


# --- what it amounts to ---------------------------------------------------------------------------


def _rejection(filing: Filing, known: dict[int, Row], chain: Sequence[Row]) -> Row | None:
    """What rejects the claim, with the findings of that step."""
    if filing.rejection is None:
        return None
    row = known[filing.rejection.key]
    own = name("L", row["id"])
    step = next(step for step in chain if step.get("correspondence") == own)
    return {
        "date": filing.rejection.day or None,
        "kind": row["kind"],
        "by": row["payer_name"] or None,
        "findings": step["findings"],
        "correspondence": own,
        "text": (
            "The claim was never judged: nothing is denied and nothing can be appealed. Correct it "
            "and send it again; the filing limit runs on from the date of service."
        ),
    }


def _proof(filing: Filing, known: dict[int, Row]) -> Row | None:
    """What proves that the claim was filed: the acceptance, with its day and its source."""
    proof: Said | None = filing.proof
    if proof is None or proof.key not in known:
        return None
    row = known[proof.key]
    taken = "accepted into adjudication" if proof.is_proof else "received, not yet accepted,"
    who = row["payer_name"] or "the payer"
    return {
        "date": proof.day or None,
        "kind": row["kind"],
        "payer": row["payer_name"] or None,
        "payer_claim_control_number": row["payer_claim_control_number"] or None,
        "is_acceptance": proof.is_proof,
        "file": row["file"],
        "import": import_name(row["import_id"]),
        "segment": row["segment"],
        "correspondence": name("L", row["id"]),
        "text": f"The claim was {taken} by {who} on {_day(proof.day)}: proof of timely filing.",
    }


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat() if text else "an unknown day"


def _said(verdict: str) -> str:
    return _WORDS.get(verdict, verdict)

"""Where the filing of each claim stands, from everything that was said of its sendings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.filing import REFUSALS, Filing, Said, Sent, filing_of
from medcollect.matching.docs import PaymentDoc
from medcollect.matching.sendings import number_of
from medcollect.matching.statuses import StatusDoc
from medcollect.store.correspondence import answers_to, any_rejected, sendings_of_documents

Row = dict[str, Any]

#: Statuses that answer nothing: a notice, a predetermination.
_NO_ANSWER = frozenset({"23", "25"})


def judge_filings(connection: sa.Connection, settled: Sequence[DerivedClaim]) -> None:
    """Note on each claim whether it stands rejected; most books hold no rejection at all."""
    files_rejected = any_rejected(connection)
    concerned = [
        claim
        for claim in settled
        if (files_rejected and claim.group.documents)
        or any(s.status.verdict in REFUSALS for s in claim.statuses)
    ]
    if not concerned:
        return
    documents = [d.id for claim in concerned for d in claim.group.documents]
    sendings = sendings_of_documents(connection, documents)
    answers = answers_by_sending(connection, sendings)
    for claim in concerned:
        own = [row for d in claim.group.documents for row in sendings.get(d.id, [])]
        claim.filing = judged(own, answers, claim.statuses, claim.group.payments)


def acceptance_of(claim: DerivedClaim) -> Said | None:
    """What proves that the payer took the claim in before it judged it (277CA), if anything."""
    return filing_of((), map(_said, claim.statuses)).proof


def answers_by_sending(
    connection: sa.Connection, sendings: dict[int, list[Row]]
) -> dict[int, list[Row]]:
    """Acknowledgements by the transaction that they answer."""
    sent = sorted({row["id"] for rows in sendings.values() for row in rows})
    found: dict[int, list[Row]] = defaultdict(list)
    for row in answers_to(connection, sent):
        found[row["answered"]].append(row)
    return found


def judged(
    sendings: Sequence[Row],
    answers: dict[int, list[Row]],
    statuses: Iterable[StatusDoc],
    payments: Iterable[PaymentDoc],
) -> Filing:
    """The filing of one claim from its sendings and what was said of them."""
    said = [_acknowledged(row) for sending in sendings for row in answers.get(sending["id"], [])]
    said += [_said(status) for status in statuses]
    said += [_paid(p) for p in payments if p.payment.status not in _NO_ANSWER and p.payment_date]
    return filing_of(_sent(sendings), said)


def _sent(rows: Sequence[Row]) -> list[Sent]:
    """Each sending once, however often its file was imported."""
    copies: dict[Sent, set[int]] = defaultdict(set)
    for row in rows:
        copies[_sending(row)].add(row["id"])
    return [msgspec.structs.replace(s, transactions=frozenset(i)) for s, i in copies.items()]


def _sending(row: Row) -> Sent:
    return Sent(
        transactions=frozenset(),
        made_at=row["made_at"],
        sent_on=row["sent_on"].isoformat() if row["sent_on"] else "",
        numbers=(
            number_of(row["interchange_control_number"]).zfill(9),
            number_of(row["group_control_number"]).zfill(9),
            row["control_number"],
        ),
        batch=row["reference_id"],
    )


def _acknowledged(row: Row) -> Said:
    return Said(
        key=row["id"],
        kind=row["kind"],
        verdict=row["own_verdict"],
        said_at=row["said_at"],
        transactions=frozenset({row["answered"]}),
    )


def _said(doc: StatusDoc) -> Said:
    return Said(
        key=doc.id,
        kind=doc.kind,
        verdict=doc.status.verdict,
        said_at=doc.said_at,
        batch=doc.batch,
        is_proof=doc.status.is_accepted_for_adjudication,
    )


def _paid(payment: PaymentDoc) -> Said:
    day = payment.payment_date.isoformat() if payment.payment_date else ""
    return Said(key=0, kind="835", verdict="paid", said_at=day)

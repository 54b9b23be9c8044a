"""Every published sample is read, and every independently computed figure comes out to the cent.

The figures are those of the corpus's ``facts.csv``, one row per 835 or 837 transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from medcollect.balancing import RemittanceTotals
from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, OtherTransaction
from medcollect.model.common import Transaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.money import format_cents
from medcollect.x12 import documents
from tests.support.corpus import claim_files, every_file, facts, require_corpus

#: Findings that facts.csv counts in ``bad_amounts``: text that stands where an amount belongs.
BAD_AMOUNTS = {"amount-unreadable", "amount-more-than-cents"}

#: An interchange acknowledgement (TA1) stands in an interchange without any transaction.
WITHOUT_TRANSACTION = {"ack/staedi-x12-interchange-ack.txt"}

#: Where facts.csv says what the file does not: (file, st_index, column) -> (ours, its), and why.
#: ``837p/staedi-sample837-hl-nested.edi`` has the version ``005010`` without a guide, no CLM and no
#: SV1: nothing in it says professional; the table took the word from the folder it was put in.
DISAGREEMENTS = {
    ("837p/staedi-sample837-hl-nested.edi", "1", "transaction"): ("837", "837P"),
    ("837p/staedi-sample837-hl-nested.edi", "2", "transaction"): ("837", "837P"),
}


@dataclass
class Read:
    """One 835 or 837 transaction as we read it, and the findings inside it."""

    transaction: Transaction | None = None
    header: RemittanceHeader | None = None
    claim_payments: list[ClaimPayment] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    end: RemittanceEnd | None = None
    bad_amounts: int = 0


def transactions(name: str) -> list[Read]:
    """Every 835 and 837 transaction of a corpus file, in file order."""
    found: dict[int, Read] = {}
    with (require_corpus() / name).open("rb") as stream:
        for document in documents(stream):
            match document:
                case Finding():
                    if document.transaction and document.code in BAD_AMOUNTS:
                        found.setdefault(document.transaction, Read()).bad_amounts += 1
                    continue
                case RemittanceHeader() | ClaimsHeader():
                    index = document.transaction.index
                    current = found.setdefault(index, Read())
                    current.transaction = document.transaction
                    if isinstance(document, RemittanceHeader):
                        current.header = document
                case ClaimPayment():
                    current.claim_payments.append(document)
                case Claim():
                    current.claims.append(document)
                case RemittanceEnd():
                    current.end = document
                case ClaimsEnd():
                    assert document.claim_count == len(current.claims)
                case _:
                    pass
    return [read for _, read in sorted(found.items()) if read.transaction is not None]


def remittance_row(read: Read) -> dict[str, str]:
    """The columns of facts.csv for an 835."""
    assert read.header is not None
    assert read.end is not None
    totals = RemittanceTotals()
    for claim_payment in read.claim_payments:
        totals.add(claim_payment)
    totals.finish(read.header, read.end)
    denied = sum(c.status == "4" for c in read.claim_payments)
    readable = read.header.payment_cents is not None
    return {
        "claims": str(totals.claim_payments),
        "service_lines": str(totals.service_payments),
        "total_charge": format_cents(totals.charge_cents),
        "total_paid": format_cents(totals.paid_cents),
        "total_patient_resp": format_cents(totals.patient_responsibility_cents),
        "bpr02": format_cents(totals.payment_cents) if readable else "",
        "plb_total": format_cents(totals.provider_adjustments_cents),
        "balanced_transaction": "yes" if totals.transaction_proof.proves else "no",
        "claims_out_of_balance": str(totals.claims_out_of_balance),
        "denied_claims": str(denied),
        "reversals": str(totals.reversals),
        "lines_out_of_balance": str(totals.lines_out_of_balance),
    }


def claims_row(read: Read) -> dict[str, str]:
    """The columns of facts.csv for an 837; those of money paid stay empty."""
    with_lines = [c for c in read.claims if c.lines]  # the table judges no claim without lines
    off = sum(c.charge_cents != sum(s.charge_cents for s in c.lines) for c in with_lines)
    return {
        "claims": str(len(read.claims)),
        "service_lines": str(sum(len(c.lines) for c in read.claims)),
        "total_charge": format_cents(sum(c.charge_cents for c in read.claims)),
        "claims_out_of_balance": str(off),
    }


def row_of(name: str, read: Read) -> dict[str, str]:
    """One transaction as a row of facts.csv, without the columns that have no meaning for it."""
    transaction = read.transaction
    assert transaction is not None
    row = {
        "file": name,
        "st_index": str(transaction.index),
        "transaction": transaction.implementation,
        "bad_amounts": str(read.bad_amounts),
        "version": transaction.version,
        "st02": transaction.control_number,
    }
    return row | (remittance_row(read) if read.header is not None else claims_row(read))


def expected_row(row: dict[str, str], ours: dict[str, str]) -> dict[str, str]:
    """The row of facts.csv in the columns that we compare."""
    extra = {column for column, value in row.items() if value and column not in ours}
    assert extra <= {"bad_amounts"}
    expected = {column: row[column] for column in ours} | {"bad_amounts": row["bad_amounts"] or "0"}
    for column in ours:
        right, wrong = DISAGREEMENTS.get((row["file"], row["st_index"], column), ("", ""))
        if right:
            assert expected[column] == wrong, "facts.csv was corrected: drop the disagreement"
            expected[column] = right
    return expected


def rows_of(name: str) -> Iterator[dict[str, str]]:
    return (row_of(name, read) for read in transactions(name))


@pytest.mark.parametrize("name", claim_files() or ["none"])
def test_every_figure_of_every_transaction_comes_out(name: str) -> None:
    """Claims, lines, charge, paid, patient responsibility, BPR02, PLB, verdicts, bad amounts."""
    require_corpus()
    ours = list(rows_of(name))
    theirs = [
        expected_row(row, mine) for row, mine in zip(facts().get(name, []), ours, strict=True)
    ]
    assert ours == theirs


def test_the_corpus_is_all_there() -> None:
    """297 files with 693 rows less the heading: a corpus cut short must not pass unnoticed."""
    require_corpus()
    assert len(claim_files()) == 297
    assert sum(map(len, facts().values())) == 692
    assert set(facts()) <= set(claim_files())


@pytest.mark.parametrize("name", every_file() or ["none"])
def test_every_file_of_any_kind_is_read_without_an_exception(name: str) -> None:
    """Acknowledgements, eligibility and status files too: as many records as the file has ST."""
    with (require_corpus() / name).open("rb") as stream:
        found = list(documents(stream))
    ends = sum(isinstance(d, RemittanceEnd | ClaimsEnd | OtherTransaction) for d in found)
    assert ends or name in WITHOUT_TRANSACTION

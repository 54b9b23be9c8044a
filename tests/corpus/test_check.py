"""Every published sample goes through ``check`` and ``parse`` without an exception."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from medcollect.money import parse_cents
from medcollect.tasks.check import check
from medcollect.tasks.parse import parse
from tests.support.corpus import claim_files, facts, require_corpus

#: facts.csv column -> key of check's answer.
REMITTANCE_KEYS = {
    "claims": "claim_payments",
    "total_charge": "charged",
    "total_paid": "paid",
    "total_patient_resp": "patient_responsibility",
    "plb_total": "provider_adjustments",
}
CLAIM_KEYS = {"claims": "claims", "total_charge": "charged"}


@pytest.mark.parametrize("name", claim_files() or ["none"])
def test_check_gives_the_known_figures_and_an_acknowledgement(name: str, tmp_path: Path) -> None:
    """Counts and sums as in facts.csv; the 999 that answers the file is well formed to us."""
    ack = tmp_path / "ack.999"
    answer = check([require_corpus() / name], ack=ack)

    (file,) = answer["files"]
    ours = [t for t in file["transactions"] if t["kind"].startswith(("835", "837"))]
    for row, entry in zip(facts().get(name, []), ours, strict=True):
        keys = REMITTANCE_KEYS if row["transaction"] == "835" else CLAIM_KEYS
        assert {k: str(entry[k]) for k in keys.values()} == {v: row[k] for k, v in keys.items()}
        off = row["balanced_transaction"] == "no" or row["claims_out_of_balance"] != "0"
        if off and row["transaction"] == "835":
            assert entry["proofs"]
    if file["transactions"]:
        again = check([ack])
        assert again["findings"]["error"] == again["findings"]["warning"] == 0


def test_parse_writes_every_claim_payment_and_claim_to_the_cent(tmp_path: Path) -> None:
    corpus = require_corpus()
    parse([corpus / name for name in claim_files()], "csv", tmp_path)
    rows = [row for found in facts().values() for row in found]
    for kinds, name in (("835", "claim_payments"), ("837", "claims")):
        wanted = [row for row in rows if row["transaction"].startswith(kinds)]
        with (tmp_path / f"{name}.csv").open(newline="") as stream:
            written = list(csv.DictReader(stream))
        assert len(written) == sum(int(row["claims"]) for row in wanted)
        assert sum(parse_cents(r["charge"]) or 0 for r in written) == sum(
            parse_cents(r["total_charge"]) or 0 for r in wanted
        )

"""Masked files are read as the originals are: the same counts, sums and findings."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medcollect.balancing import prove_claim_payment
from medcollect.findings import Finding
from medcollect.matching.keys import number_key
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, RemittanceEnd
from medcollect.x12 import documents
from medcollect.x12.masking import mask
from tests.support.corpus import claim_files, require_corpus
from tests.support.generate import World, worlds
from tests.unit.x12.support import claims, era, text

KEYS = st.text(min_size=1, max_size=20)
FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def reading(data: bytes) -> list[Any]:
    """What a file comes to: each record with its figures, each finding with its place."""
    found: list[Any] = []
    for document in documents(io.BytesIO(data)):
        if isinstance(document, Finding):
            found.append((document.code, document.severity, document.segment))
        elif isinstance(document, ClaimPayment):
            proofs = prove_claim_payment(document)
            found.append((
                document.position, document.status, document.charge_cents, document.paid_cents,
                document.patient_responsibility_cents, document.all_adjustments(), document.remarks,
                [(s.procedure.code, s.charge_cents, s.paid_cents) for s in document.services],
                [(proof.rule, proof.proves, proof.position) for proof in proofs],
            ))  # fmt: skip
        elif isinstance(document, Claim):
            found.append((
                document.position, document.charge_cents, document.diagnoses,
                document.frequency, document.patient_paid_cents, len(document.parties),
                [(s.procedure.code, s.charge_cents, s.adjudications and 1) for s in document.lines],
                [(o.paid_cents, o.adjustments) for o in document.other_payers],
            ))  # fmt: skip
        elif isinstance(document, RemittanceEnd):
            found.append([(a.code, a.cents) for a in document.provider_adjustments])
        else:
            found.append(type(document).__name__)
    return found


def numbers(data: bytes) -> Counter[str]:
    """How often each patient control number stands on a claim or claim payment."""
    read = (d for d in documents(io.BytesIO(data)) if isinstance(d, Claim | ClaimPayment))
    return Counter(number_key(d.patient_control_number) for d in read)


@given(worlds(), KEYS)
@FEW
def test_a_practice_reads_the_same_masked(world: World, key: str) -> None:
    originals: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for file in (*world.claim_files(), *world.remit_files(), world.one_remit_file()):
        data = file.encode()
        masked = mask(data, key)
        assert not masked.findings
        assert reading(masked.data) == reading(data)
        originals += numbers(data)
        others += numbers(masked.data)
    assert sorted(originals.values()) == sorted(others.values())
    assert not set(originals) & set(others)


FILES = (text(era()), text(claims()), text([*era()[:-1], *claims()[1:-1], "IEA*2*000000007"]))


@given(st.sampled_from(FILES), st.binary(max_size=60), st.data())
@settings(max_examples=100, deadline=None)
def test_no_bytes_raise(file: bytes, junk: bytes, data: st.DataObject) -> None:
    """Junk overwrites or stands between: a masked file or a finding, never an exception."""
    at = data.draw(st.integers(0, len(file)))
    kept = data.draw(st.integers(at, len(file)))
    masked = mask(file[:at] + junk + file[kept:], "key")
    assert bool(masked.data) != bool(masked.findings)


#: Files with words in the place of a code, where masking takes them for names.
MISPLACED = {
    "835/chartwarden-partial-payments-adjustments.edi",
    "835/tigershark-sample-835.txt",
    "837p/hdi-837p-validation-issues.edi",
    "837i/vscode-edi-bad-header.edi",
}


@pytest.mark.parametrize("name", claim_files() or ["none"])
def test_every_published_file_is_masked_or_refused(name: str) -> None:
    data = (require_corpus() / name).read_bytes()
    masked = mask(data, "key")
    if masked.findings:
        assert masked.data == b""
        assert {finding.code for finding in masked.findings} == {"mask-incomplete"}
    elif name in MISPLACED:
        assert len(reading(masked.data)) == len(reading(data))
    else:
        assert reading(masked.data) == reading(data)


def test_nearly_every_published_file_can_be_masked() -> None:
    """Those that are refused use an identifier of theirs as a code as well."""
    folder = require_corpus()
    refused = [name for name in claim_files() if mask((folder / name).read_bytes(), "key").findings]
    assert len(refused) <= 5

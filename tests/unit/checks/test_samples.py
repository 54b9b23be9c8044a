"""What check says of every shipped sample: nothing, but for those that are made to be wrong."""

from __future__ import annotations

import pytest

from medcollect.tasks.check import check
from tests.fuzz.target import SAMPLES

#: Samples with faults, or with what is legal and worth a note.
EXPECTED = {
    "07-835-denials-of-every-category": {"reason-without-remark"},
    "08-835-bundled-split-and-recoded-lines": {"adjustment-negative"},
    "11-835-medicaid-and-capitated-plan": {"copayment-takes-all"},
    "13-835-inpatient-without-lines": {"claim-payment-without-lines"},
    "28-835-check-does-not-balance": {"remittance-does-not-balance"},
    "29-835-claim-does-not-balance": {"claim-does-not-balance", "line-does-not-balance"},
    "30-835-cut-off": {
        "adjustment-without-amount", "claim-does-not-balance", "envelope-not-closed",
        "line-does-not-balance", "patient-responsibility-differs", "segment-cut-off",
        "transaction-not-closed",
    },
    "31-letter-not-edi": {"no-edi"},
}  # fmt: skip


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_has_the_findings_it_was_made_for(path) -> None:
    (file,) = check([path])["files"]
    assert {f["code"] for f in file["findings"]} == EXPECTED.get(path.stem, set())

"""Files that we write, read by others: the same sums."""

from __future__ import annotations

import oxedi
import pytest
from openx12 import x835, x837i, x837p

from medcollect.x12.write835 import write_835
from medcollect.x12.write837 import write_837
from tests.unit.x12_write import test_write_835, test_write_837
from tests.unit.x12_write.support import ENVELOPE, SAMPLES, claims, names, remittances

PEERS = {"P": x837p, "I": x837i}


@pytest.mark.parametrize("name", names(test_write_835.WHOLE))
def test_two_peers_read_our_835(name: str) -> None:
    """Each transaction by itself: openx12 keeps only the last payment of a file."""
    for remittance in remittances((SAMPLES / name).read_bytes()):
        text = write_835([test_write_835.only_fields(remittance)], ENVELOPE)
        payments = remittance.claim_payments
        sums = (remittance.header.payment_cents, len(payments))
        theirs = oxedi.parse(text.encode())
        assert (round(theirs.sum_payments() * 100), theirs.count_claims()) == sums
        told = x835.parse(text)
        assert (round(told.payment_amount * 100), len(told.claims)) == sums
        paid = [round(claim["claim_payment_amount"] * 100) for claim in told.claims]
        assert paid == [p.paid_cents for p in payments]


@pytest.mark.parametrize("name", names(test_write_837.WITH_GUIDE))
def test_a_peer_reads_our_837(name: str) -> None:
    given = [test_write_837.only_fields(c) for c in claims((SAMPLES / name).read_bytes())]
    told = PEERS[given[0].form].parse(write_837(given, ENVELOPE))
    assert round(told.total_billed * 100) == sum(c.charge_cents for c in given)
    assert [(c["claim_number"], round(c["amount"] * 100)) for c in told.claims] == [
        (c.patient_control_number, c.charge_cents) for c in given
    ]

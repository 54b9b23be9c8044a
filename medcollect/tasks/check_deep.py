"""What ``check`` asks of each record beyond its own proofs: structure, form, sense."""

from __future__ import annotations

from typing import TypeAlias

from medcollect.codes import RemittanceSituations, claim_situations
from medcollect.codes.situations import Hit, situation
from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.common import Transaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.x12.structure import Structure

#: The records that are judged.
Judged: TypeAlias = RemittanceHeader | ClaimsHeader | ClaimPayment | Claim | RemittanceEnd


def trace_of_two_payers(transaction: Transaction) -> Finding:
    """Tell that two payers use one trace number in a file."""
    return situation(Hit("trace-number-of-two-payers", transaction.segment), transaction.index)


class DeepChecks:
    """Structure and situations of one transaction, record by record.

    ``syntax`` methods give what a 999 speaks of, ``sense`` methods what only people need to know.
    """

    def __init__(
        self, header: RemittanceHeader | ClaimsHeader, limits: Limits | None = None
    ) -> None:
        self._header = header
        self._structure = Structure(header.transaction, limits)
        self._situations = (
            RemittanceSituations(header) if isinstance(header, RemittanceHeader) else None
        )

    def syntax(self, record: Judged) -> list[Finding]:
        """Structure and element form of one record."""
        if isinstance(record, ClaimPayment):
            return self._structure.claim_payment(record)
        if isinstance(record, Claim):
            return self._structure.claim(record)
        if isinstance(record, RemittanceEnd):
            return self._structure.trailer(record)
        return self._structure.header(record)

    def sense(self, record: Judged) -> list[Finding]:
        """Situations of one record."""
        if isinstance(record, Claim):
            return claim_situations(record, self._header.transaction)
        if self._situations is None:
            return []
        if isinstance(record, ClaimPayment):
            return self._situations.claim_payment(record)
        if isinstance(record, RemittanceEnd):
            return self._situations.end(record)
        return self._situations.header()

"""The documents of a file's new transactions, handed to an intake one by one."""

from __future__ import annotations

from typing import Any

from medcollect.bookkeeping.intake import Intake
from medcollect.bookkeeping.plan import DUPLICATE
from medcollect.bookkeeping.scan import Scanned
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader


class Taker:
    """Feeds the documents of transactions that are new into an intake.

    ``begun`` collects the places of the transactions that were met.
    """

    def __init__(
        self,
        intake: Intake,
        file_id: int,
        transactions: dict[int, Scanned],
        plan: dict[int, str],
        begun: set[int],
    ) -> None:
        self.intake = intake
        self.file_id = file_id
        self.transactions = transactions
        self.plans = plan
        self.begun = begun
        self.scanned: Scanned | None = None
        self.plan = ""
        self.transaction_id = 0
        self.header: ClaimsHeader | None = None

    def take(self, document: Any) -> Scanned | None:
        """Take one document; returns the transaction when it ends."""
        if isinstance(document, ClaimPayment):
            if self.scanned is not None and self.plan != DUPLICATE:
                self.intake.add_payment(self.scanned, self.transaction_id, document, self.plan)
        elif isinstance(document, Claim):
            if self.scanned is not None and self.header is not None and self.plan != DUPLICATE:
                print_ = self.scanned.fingerprint
                self.intake.add_claim(self.header, print_, self.transaction_id, document)
        elif isinstance(document, RemittanceHeader | ClaimsHeader):
            self._open(document)
        elif isinstance(document, RemittanceEnd | ClaimsEnd):
            ended, self.scanned = self.scanned, None
            return ended
        return None

    def _open(self, header: RemittanceHeader | ClaimsHeader) -> None:
        """Begin a transaction as planned."""
        index = header.transaction.index
        self.scanned = self.transactions[index]
        self.begun.add(index)
        self.plan = self.plans[index]
        self.header = header if isinstance(header, ClaimsHeader) else None
        status = DUPLICATE if self.plan == DUPLICATE else "active"
        self.transaction_id = self.intake.open_transaction(self.scanned, self.file_id, status)
        if isinstance(header, RemittanceHeader) and status == "active":
            self.intake.open_remittance(self.scanned, self.transaction_id, self.plan)

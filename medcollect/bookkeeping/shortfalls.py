"""Lines that were allowed below contract, on the desk: opened, and closed by what pays them.

Each claim is held against the contracts in force whenever it is judged (``contract_changes`` lets
those be judged that another version changes). Nothing of an underpayment is denied: what is at
stake is the difference. What falls out of a payer's own pattern rests on all its other lines and
stays in the list of underpayments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.answered_lines import answered_lines
from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.found_cases import GIVEN_UP, OPEN, found_row, known_rows
from medcollect.bookkeeping.ranking import keep_in_step
from medcollect.bookkeeping.refusals import denial_facts
from medcollect.bookkeeping.underpayments import compared_lines
from medcollect.contracts import Comparison, Tolerance, Versions
from medcollect.denials import Assessment, assess
from medcollect.denials.facts import ShortfallFacts
from medcollect.ids import name
from medcollect.ledger import DenialItem
from medcollect.matching.docs import PaymentDoc
from medcollect.model.casework import UNDERPAID
from medcollect.model.policies import Policies
from medcollect.store.contracts import standing_contracts, standing_versions

Row = dict[str, Any]

#: The row of ``denial_findings.csv`` that these cases are.
BELOW_CONTRACT = "contract"

#: What tells one shortfall of a claim from another, and from what it was before.
Shortfall = tuple[int, int, int, str, int]


class ShortfallKeeper:
    """Keeps the rows of the worklist over lines that were allowed below contract."""

    def __init__(self, connection: sa.Connection, today: date, policies: Policies) -> None:
        self.connection = connection
        self.today = today
        self.tolerance = tolerance_of(policies)

    def keep(self, settled: Sequence[DerivedClaim], priors: set[int], judged_by: Any) -> None:
        """Bring the rows of these claims in step; most books hold no contract at all."""
        known = {_key(row): row for row in known_rows(self.connection, priors, UNDERPAID)}
        claims = {claim.id: claim for claim in settled if claim.posted.posted}
        docs = {doc.id: doc for claim in settled for doc in claim.group.payments}
        found = list(below_contract(self.connection, sorted(claims), self.tolerance))
        whole: Counter[tuple[int, str]] = Counter()
        for compared in found:
            whole[_case_of(compared, docs)] += compared.difference_cents
        wanted: dict[tuple[int, int], Row] = {}
        for compared in found:
            claim, doc = claims[compared.line.visit[0]], docs[compared.line.key[0]]
            facts = _facts(claim, doc, compared, whole[_case_of(compared, docs)])
            row = _row(claim, facts, compared, assess(facts, self.today, judged_by))
            before = known.get(_key(row))
            if before is not None and before["status"] == GIVEN_UP:
                row["status"] = GIVEN_UP
            wanted[_key(row)] = row
        if wanted or known:
            keep_in_step(self.connection, self.today, wanted, known, judged_by)


def tolerance_of(policies: Policies) -> Tolerance:
    """From which difference on a line counts as underpaid."""
    return Tolerance(policies.underpaid_above_cents, policies.underpaid_above_percent)


def below_contract(
    connection: sa.Connection, claims: Sequence[int], tolerance: Tolerance
) -> Iterator[Comparison]:
    """The lines of these claims that were allowed below contract."""
    if not claims or not standing_versions(connection):
        return
    versions = Versions(standing_contracts(connection))
    lines = answered_lines(connection, claims)
    for compared in compared_lines(lines, versions, tolerance):
        if compared.outcome == "underpaid":
            yield compared


def shortfalls_wanted(compared: Iterable[Comparison]) -> Iterator[tuple[int, Shortfall]]:
    """Each line below contract as a claim and what its row should say."""
    for one in compared:
        contract = one.expected.contract
        version = name("T", contract.id) if contract else ""
        yield one.line.visit[0], (*one.line.key, one.difference_cents, version, one.expected.row)


def shortfall_known(row: Row) -> Shortfall:
    """What a row says, to hold against what it should say."""
    facts = msgspec.json.decode(row["facts"], type=ShortfallFacts)
    place = (row["claim_payment_id"], row["service"])
    return (*place, facts.amount_cents, facts.contract, facts.contract_line)


def _key(row: Row) -> tuple[int, int]:
    """What a row is known by from import to import."""
    return row["claim_payment_id"], row["service"]


def _case_of(compared: Comparison, docs: Mapping[int, PaymentDoc]) -> tuple[int, str]:
    """What is worked as one: the lines of a claim that a payer allowed too little for."""
    return compared.line.visit[0], docs[compared.line.key[0]].payer_key


def _facts(
    claim: DerivedClaim, doc: PaymentDoc, compared: Comparison, case_cents: int
) -> ShortfallFacts:
    """What is judged: the line with its difference; ``case_cents`` is that of all the case's."""
    answer, service = compared.line.key
    cents, line = compared.difference_cents, compared.line.line
    item = DenialItem(answer, service, line, "", BELOW_CONTRACT, cents, OPEN)
    contract = compared.expected.contract
    return ShortfallFacts(
        **msgspec.structs.asdict(denial_facts(item, doc, claim, case_cents)),
        expected_cents=compared.expected.cents or 0,
        allowed_cents=compared.line.allowed_cents,
        contract=name("T", contract.id) if contract else "",
        contract_line=compared.expected.row,
        why=compared.why,
    )


def _row(
    claim: DerivedClaim, facts: ShortfallFacts, compared: Comparison, judged: Assessment
) -> Row:
    answer, service = compared.line.key
    row = found_row(UNDERPAID, claim.id, answer, facts, judged)
    return {**row, "service": service, "line": compared.line.line}

"""Post patient payments outside of an import: entered by hand, decided on, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from medcollect.bookkeeping.patient_payments import keep_patient_payments
from medcollect.bookkeeping.small_balances import SmallBalances
from medcollect.store.patient_payments import owners_of
from medcollect.store.policies import newest


def post_payments(
    connection: sa.Connection, payments: Sequence[int], import_id: int | None, today: date
) -> int:
    """Bring payments, their accounts' claims and small rests in step; entries it reversed."""
    owners = owners_of(connection, payments)
    kept = keep_patient_payments(connection, (), import_id, today, payments=owners)
    small = SmallBalances(connection, newest(connection).policies, import_id, today)
    return kept.corrections + small.keep(kept.accounts)

"""Enter that a patient has died: ``medcollect deceased``.

Their part is then a claim against the estate: nothing of it may be billed until it is known who
acts for the estate, and only that person is written to (12 CFR 1006.2(e); claim_rules.md 7). The
newest entry counts; ``undo`` takes it back.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from medcollect import dates
from medcollect.errors import NotAllowed
from medcollect.model.desk import Concerns, DeceasedPatient
from medcollect.store.desk import save_entry
from medcollect.store.engine import Store
from medcollect.tasks.desk import insist_on_reason, judged
from medcollect.tasks.pay import payer_of

Row = dict[str, Any]


def enter_deceased(
    store: Store,
    target: str,
    *,
    died_on: date | None = None,
    representative: str = "",
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Enter that the patient of an account (A...) or of one claim has died.

    ``representative`` is who acts for the estate: then what is due may be billed to that person.
    Raises NotFound, NotAllowed for a day to come, BadRequest without a reason.
    """
    day = today or dates.today()
    insist_on_reason(reason)
    if died_on is not None and died_on > day:
        raise NotAllowed(f"{died_on} is still to come.", "Give the day of the death.")
    fact = DeceasedPatient(died_on, " ".join(representative.split()))
    with store.writing() as connection:
        concerns = Concerns(**payer_of(connection, target))
        entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
        return judged(connection, entry, day)

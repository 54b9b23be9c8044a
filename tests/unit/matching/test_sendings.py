"""Which of our transactions an acknowledgement answers; equal ones are never guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from medcollect.matching.sendings import (
    Sending,
    SendingAnswer,
    answer_key,
    answer_sendings,
    sending_keys,
)

SENT = Sending(
    transaction=1, kind="837", sender="OFFICE", receiver="HOUSE", sent_on=date(2026, 2, 2),
    interchange="000000007", group="71", number="0001", reference="B7",
)  # fmt: skip
ANSWER = SendingAnswer(
    "999", "HOUSE", "OFFICE", date(2026, 2, 3), "accepted", functional_code="HC", group="71",
    named=(("0001", "rejected"),),
)  # fmt: skip
TA1 = SendingAnswer(
    "TA1", "HOUSE", "OFFICE", date(2026, 2, 3), "rejected", interchange="7",
    interchange_date=date(2026, 2, 2),
)  # fmt: skip


@dataclass
class Case:
    answer: SendingAnswer
    sendings: list[Sending]
    outcome: str
    verdicts: list[tuple[int, str]] = field(default_factory=list)


def another(**changes: Any) -> Sending:
    return replace(SENT, transaction=2, **changes)


CASES = {
    "group and transaction": Case(ANSWER, [SENT], "landed", [(1, "rejected")]),
    "the group speaks for those not named": Case(
        replace(ANSWER, named=()), [SENT, another(number="0002")], "landed",
        [(1, "accepted"), (2, "accepted")],
    ),
    "another group": Case(ANSWER, [replace(SENT, group="72")], "no_sending"),
    "a transaction that was not sent": Case(
        replace(ANSWER, named=(("0009", "rejected"),)), [SENT], "no_sending"
    ),
    "before it was sent": Case(
        replace(ANSWER, said_on=date(2026, 2, 1)), [SENT], "no_sending"
    ),
    "the same numbers in two files": Case(
        ANSWER, [SENT, another(sent_on=date(2026, 2, 3), interchange="8")], "several_sendings"
    ),
    "the same numbers to two receivers": Case(
        ANSWER, [SENT, another(receiver="ELSEWHERE")], "landed", [(1, "rejected")]
    ),
    "through a house that names itself": Case(
        replace(ANSWER, sender="GATEWAY"), [SENT], "landed", [(1, "rejected")]
    ),
    "an acknowledgement of remittances": Case(
        replace(ANSWER, functional_code="HP"), [SENT], "noted"
    ),
    "of a question, not of claims": Case(
        replace(ANSWER, functional_code="HR"), [SENT, another(kind="276")], "landed",
        [(2, "rejected")],
    ),
    "an interchange with all it holds": Case(
        TA1, [SENT, another(group="72")], "landed", [(1, "rejected"), (2, "rejected")]
    ),
    "an interchange of another day": Case(
        TA1, [replace(SENT, sent_on=date(2026, 2, 1))], "no_sending"
    ),
    "a batch": Case(
        SendingAnswer("277CA", "", "", date(2026, 2, 3), "rejected", batch="b7"),
        [SENT, another(reference="B8")], "landed", [(1, "rejected")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_answered(case: Case) -> None:
    found = answer_sendings(case.answer, case.sendings)
    assert (found.outcome, list(found.verdicts)) == (case.outcome, case.verdicts)


@pytest.mark.parametrize("answer", [ANSWER, TA1, CASES["a batch"].answer])
def test_an_answer_shares_a_key_with_what_it_answers(answer: SendingAnswer) -> None:
    assert answer_key(answer) in sending_keys(SENT)
    next_month = replace(answer, said_on=date(2026, 3, 31))
    assert answer_key(next_month) in sending_keys(SENT)
    next_year = replace(answer, said_on=date(2027, 2, 3), interchange_date=None)
    assert answer_key(next_year) not in sending_keys(SENT)


def test_what_names_no_number_has_no_key() -> None:
    assert answer_key(replace(ANSWER, group="")) == ""
    assert answer_key(replace(ANSWER, group="000")) == ""

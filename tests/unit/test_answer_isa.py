"""The TA1 that we write: one for each interchange, read back as what it says."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.tasks.check import check
from medcollect.x12 import life_documents
from tests.flows.money.office import a_837, an_835, claim, whole


def answered(folder: Path, *texts: str) -> list[tuple[Any, ...]]:
    """Control number, verdict and note of each TA1 that ``check`` writes for a file."""
    sent, ta1 = folder / "sent.edi", folder / "answer.ta1"
    sent.write_text("".join(texts), encoding="ascii", newline="")
    check([sent], ta1=ta1)
    with io.BytesIO(ta1.read_bytes()) as stream:
        found = list(life_documents(stream))
    records = [d for d in found if isinstance(d, InterchangeAcknowledgement)]
    assert found == records, "nothing is wrong with what we write"
    return [(r.control_number, r.verdict, r.note) for r in records]


REMITTANCE = an_835(whole("PCN1", "1", "100", "80", "CO-45 20"))
CLAIMS = a_837(claim("PCN1"))


def test_each_interchange_gets_its_answer(tmp_path: Path) -> None:
    assert answered(tmp_path, REMITTANCE, CLAIMS) == [
        ("000000100", "accepted", "000"),
        ("000000001", "accepted", "000"),
    ]


def test_an_error_in_the_trailer_is_noted_on_its_own_interchange(tmp_path: Path) -> None:
    wrong = REMITTANCE.replace("IEA*1*", "IEA*9*")
    assert answered(tmp_path, wrong, CLAIMS) == [
        ("000000100", "accepted_with_errors", "021"),
        ("000000001", "accepted", "000"),
    ]


def test_a_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    cut = CLAIMS[: CLAIMS.index("IEA*")]
    assert answered(tmp_path, cut) == [("000000001", "accepted_with_errors", "023")]


def test_an_isa_without_a_date_is_left_without_an_answer(tmp_path: Path) -> None:
    day = CLAIMS.split("*")[9]
    assert answered(tmp_path, CLAIMS.replace(f"*{day}*", "*      *"), REMITTANCE) == [
        ("000000100", "accepted", "000")
    ]


def test_the_answer_goes_back_to_the_sender(tmp_path: Path) -> None:
    answered(tmp_path, CLAIMS)
    isa = (tmp_path / "answer.ta1").read_text().split("~")[0].split("*")
    assert (isa[6].strip(), isa[8].strip()) == ("CLEARHOUSE01", "CEDARHOLLOW")

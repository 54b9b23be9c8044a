"""Claims billed again from the book: what is written, what the book then says, what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect import dates
from medcollect.errors import BadRequest, MedcollectError, NotAllowed, NotFound
from medcollect.model.claim import Claim as ReadClaim
from medcollect.x12 import documents
from medcollect.x12.conformance import guide_findings
from tests.flows.money.office import (
    EDITH,
    HARBOR,
    MEDICARE,
    OSCAR,
    PLAIN,
    SERVED,
    STONE,
    answer,
    claim,
    later,
    service,
    whole,
)
from tests.support.builder import Envelope, build_835, build_837
from tests.support.letters import Told, build_277ca
from tests.support.specs import Answer, Claim, Coverage, Line, Payer, Remit, cas, reversal, usd

THREE = (PLAIN, HARBOR, STONE)


class Desk:
    """A book, a folder, and short words for what comes in and goes out."""

    def __init__(self, url: str, folder: Path) -> None:
        self.book = medcollect.open_book(url)
        self.folder = folder
        self.sent = 0

    def take(self, text: str) -> dict[str, Any]:
        self.sent += 1
        path = self.folder / f"in-{self.sent:03d}.edi"
        path.write_text(text, encoding="ascii", newline="")
        return self.book.import_files([path])

    def file(self, *claims: Claim) -> dict[str, Any]:
        envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=SERVED, control=70 + self.sent)
        return self.take(build_837(claims, envelope))

    def pay(self, *answers: Answer, payer: Payer = PLAIN, days: int = 0) -> dict[str, Any]:
        remit = Remit(payer, f"T{self.sent + 1:05d}", later(days), answers)
        return self.take(build_835([remit], Envelope(day=remit.day, control=500 + self.sent)))

    def bill(self, numbers: str, kind: str, **options: Any) -> dict[str, Any]:
        self.sent += 1
        output = self.folder / f"out-{self.sent:03d}.837"
        return self.book.bill(numbers.split(), kind, output=output, **options)

    def figures(self, number: str) -> dict[str, str]:
        shown = self.book.claim(number)
        names = ("charge", "insurance_paid", "written_off", "insurance_open", "patient_due")
        return {name: shown[name] for name in names}


@pytest.fixture
def desk(book_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(book_url, tmp_path)
    yield opened
    opened.book.close()


def read(answered: dict[str, Any]) -> list[ReadClaim]:
    stream = io.BytesIO(answered["edi"].encode())
    return [d for d in documents(stream) if isinstance(d, ReadClaim)]


def valid(answered: dict[str, Any]) -> bool:
    """pyx12 and our own reader have nothing against the file, and it is what stands on disk."""
    data = answered["edi"].encode()
    told = [f.message for f in guide_findings(io.BytesIO(data)) if f.severity != "info"]
    assert told == []
    assert [f for f in answered["findings"] if f["severity"] == "error"] == []
    assert Path(answered["file"]).read_bytes() == data
    return True


def changed(answered: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(c.values()) for c in answered["claims"][0]["changes"]]


def primary(number: str = "N1", **more: Any) -> Answer:
    """E21: of 1000.00 the first payer pays 400.00 and leaves 300.00."""
    adjustments = "CO-45 300, PR-1 200, PR-2 100"
    given = {"control_number": "PLAINNO1", "responsibility": usd("300"), **more}
    return whole(number, "1", "1000", "400", adjustments, **given)


def big(number: str = "N1", **more: Any) -> Claim:
    return claim(number, Line("99213", usd("1000")), **{"payers": THREE, **more})


# -- the next payer ------------------------------------------------------------------------------


def test_three_payers_from_claim_to_the_patients_part(desk: Desk) -> None:
    """E21 as an office lives it: each next claim is written from the answers on file."""
    desk.file(big())
    desk.pay(primary())

    second = desk.bill("N1", "next_payer")
    assert valid(second)
    (told,) = read(second)
    assert (told.coverage.rank_code, told.coverage.payer.id) == ("S", HARBOR.id)
    assert told.coverage.subscriber.id == "W200"
    plain, stone = told.other_payers
    assert (plain.coverage.rank_code, plain.paid_cents) == ("P", usd("400"))
    assert plain.payer_claim_control_number == "PLAINNO1"
    assert (stone.coverage.rank_code, stone.paid_cents) == ("T", None)
    ((decision,),) = [line.adjudications for line in told.lines]
    assert [(a.group, a.reason, a.cents) for a in decision.adjustments] == [
        ("CO", "45", 30000), ("PR", "1", 20000), ("PR", "2", 10000)
    ]  # fmt: skip
    assert (decision.payer_id, decision.paid_date) == (PLAIN.id, later(0))
    assert [(a.qualifier, a.cents) for a in decision.amounts] == [("EAF", 30000)]
    assert desk.figures("N1")["insurance_open"] == "300.00"

    desk.pay(
        whole("N1", "2", "1000", "250", "OA-23 700, PR-3 50", control_number="HARBORNO1"),
        payer=HARBOR,
        days=7,
    )
    assert desk.figures("N1")["insurance_open"] == "50.00"

    third = desk.bill("N1", "next_payer")
    assert valid(third)
    (told,) = read(third)
    assert (told.coverage.rank_code, told.coverage.payer.id) == ("T", STONE.id)
    assert [(p.coverage.rank_code, p.paid_cents) for p in told.other_payers] == [
        ("P", usd("400")), ("S", usd("250"))
    ]  # fmt: skip
    ids = [d.payer_id for line in told.lines for d in line.adjudications]
    assert ids == [PLAIN.id, HARBOR.id]

    desk.pay(whole("N1", "3", "1000", "30", "OA-23 950, PR-3 20"), payer=STONE, days=14)
    assert desk.figures("N1") == {
        "charge": "1000.00", "insurance_paid": "680.00", "written_off": "300.00",
        "insurance_open": "0.00", "patient_due": "20.00",
    }  # fmt: skip
    assert desk.book.report("claims")["rows"][0]["charge"] == "1000.00"
    assert len(desk.book.report("claims")["rows"]) == 1
    with pytest.raises(NotAllowed, match="names no further payer"):
        desk.bill("N1", "next_payer")


def test_what_was_written_is_the_same_claim_whenever_it_is_imported(desk: Desk) -> None:
    desk.file(big())
    desk.pay(primary())
    second = desk.bill("N1", "next_payer")
    known = desk.book.import_files([second["file"]])
    assert (known["claims"], known["duplicates"]) == (0, 1)
    assert len(desk.book.report("claims")["rows"]) == 1

    for name in (known["import"], second["import"]):
        desk.book.undo(name)
    again = desk.book.import_files([second["file"]])
    assert (again["claims"], again["duplicates"]) == (1, 0)
    assert len(desk.book.report("claims")["rows"]) == 1


def test_showing_keeps_nothing(desk: Desk) -> None:
    desk.file(big())
    desk.pay(primary())
    before = desk.book.claim("N1")
    shown = desk.book.bill(["N1"], "next_payer")
    assert (shown["written"], shown["file"], shown["import"]) == (False, None, None)
    assert desk.book.claim("N1") == before
    written = desk.bill("N1", "next_payer")
    assert written["claims"] == shown["claims"]
    assert written["control_number"] == shown["control_number"] == "000000001"


def test_a_coverage_that_the_claim_does_not_name_can_be_given(desk: Desk) -> None:
    desk.file(big(payers=(PLAIN,)))
    desk.pay(primary())
    with pytest.raises(NotAllowed, match="names no further payer"):
        desk.bill("N1", "next_payer")
    coverage = {"payer": HARBOR.name, "payer_id": HARBOR.id, "member_id": "H9"}
    with pytest.raises(BadRequest, match="lacks filing_indicator"):
        desk.bill("N1", "next_payer", coverage=coverage)
    billed = desk.bill("N1", "next_payer", coverage={**coverage, "filing_indicator": "CI"})
    assert valid(billed)
    (told,) = read(billed)
    assert (told.coverage.rank_code, told.coverage.subscriber.id) == ("S", "H9")
    assert told.coverage.subscriber.last_name == EDITH.last
    assert desk.book.claim("N1")["state"] == "with_next_payer"


def test_a_dependent_of_the_first_payer_is_the_subscriber_of_the_next(desk: Desk) -> None:
    coverages = (
        Coverage(PLAIN, "W100", "P", subscriber=OSCAR), Coverage(HARBOR, "W200", "S"),
    )  # fmt: skip
    desk.file(big(coverages=coverages))
    desk.pay(primary())
    billed = desk.bill("N1", "next_payer")
    assert valid(billed)
    (told,) = read(billed)
    assert (told.patient.last_name, told.patient.birth_date) == (EDITH.last, EDITH.birth)
    assert told.coverage.relationship == "18"
    (other,) = told.other_payers
    assert (other.coverage.subscriber.last_name, other.coverage.relationship) != ("", "18")
    assert other.coverage.subscriber.last_name == OSCAR.last


def test_claim_level_adjustments_of_a_hospital_claim_stay_on_the_claim(desk: Desk) -> None:
    lines = (Line("99283", usd("600"), revenue="0450"), Line("80053", usd("150"), revenue="0300"))
    desk.file(claim("H1", *lines, form="I", place="13", payers=(MEDICARE, HARBOR)))
    desk.pay(
        answer(
            "H1", "1",
            service("99283", "600", "400", "CO-45 200", revenue="0450"),
            service("80053", "150", "100", "CO-45 50", revenue="0300"),
            cas=cas("PR-1 60"), paid=usd("440"), control_number="MEDNO1", facility="13",
        ),
        payer=MEDICARE,
    )  # fmt: skip
    billed = desk.bill("H1", "next_payer")
    assert valid(billed)
    (told,) = read(billed)
    (other,) = told.other_payers
    assert [(a.group, a.reason, a.cents) for a in other.adjustments] == [("PR", "1", 6000)]
    assert other.paid_cents == usd("440")
    assert [d.paid_cents for line in told.lines for d in line.adjudications] == [40000, 10000]


def test_a_hospitals_interim_bill_keeps_its_frequency(desk: Desk) -> None:
    """CLM05-3 of a hospital says what the bill covers (2: the first of several)."""
    lines = (Line("", usd("4500"), revenue="0120"),)
    filed = claim("H3", *lines, form="I", place="11", frequency="2", payers=(PLAIN, HARBOR))
    desk.file(filed)
    desk.pay(
        Answer("H3", "1", usd("4500"), usd("4000"), cas=cas("PR-1 500"), control_number="IN3",
               patient=EDITH, member_id="W100", facility="11", inpatient=True)
    )  # fmt: skip
    assert [c.frequency for c in read(desk.bill("H3", "again"))] == ["2"]
    assert [c.frequency for c in read(desk.bill("H3", "replacement"))] == ["7"]
    assert [c.frequency for c in read(desk.bill("H3", "next_payer"))] == ["2"]


def test_an_inpatient_answer_without_lines_stays_on_the_claim(desk: Desk) -> None:
    lines = (Line("", usd("4500"), revenue="0120"), Line("", usd("1500"), revenue="0250"))
    desk.file(claim("H2", *lines, form="I", place="11", payers=(PLAIN, HARBOR)))
    desk.pay(
        Answer(
            "H2", "1", usd("6000"), usd("4000"), cas=cas("CO-45 1500, PR-1 500"),
            control_number="IN1", patient=EDITH, member_id="W100", facility="11", inpatient=True,
            remarks=("MA01",),
        )
    )  # fmt: skip
    billed = desk.bill("H2", "next_payer")
    assert valid(billed)
    (told,) = read(billed)
    (other,) = told.other_payers
    assert not any(line.adjudications for line in told.lines)
    assert (other.paid_cents, other.paid_date) == (usd("4000"), later(0))
    assert "AMT*EAF*500~" in billed["edi"]
    assert "MIA*0****MA01~" in billed["edi"]


def test_a_claim_that_the_payer_split_is_told_as_one_answer(desk: Desk) -> None:
    desk.file(
        claim("N1", Line("99213", usd("100")), Line("85025", usd("60")), payers=(PLAIN, HARBOR))
    )
    desk.pay(
        answer("N1", "1", service("99213", "100", "70", "CO-45 10, PR-2 20"),
               control_number="A1", remarks=("MA15",)),
        answer("N1", "1", service("85025", "60", "50", "PR-2 10"),
               control_number="A2", remarks=("MA15",)),
    )  # fmt: skip
    billed = desk.bill("N1", "next_payer")
    assert valid(billed)
    (told,) = read(billed)
    (other,) = told.other_payers
    assert other.paid_cents == usd("120")
    assert [d.paid_cents for line in told.lines for d in line.adjudications] == [7000, 5000]
    assert billed["claims"][0]["notes"] != []


def test_only_the_standing_answer_counts_after_a_reversal(desk: Desk) -> None:
    first = primary()
    desk.file(big())
    desk.pay(first)
    corrected = whole("N1", "1", "1000", "500", "CO-45 300, PR-1 200", control_number="PLAINNO2")
    desk.pay(reversal(first), corrected, days=10)
    (told,) = read(desk.bill("N1", "next_payer"))
    plain = told.other_payers[0]
    assert (plain.paid_cents, plain.payer_claim_control_number) == (usd("500"), "PLAINNO2")
    ((decision,),) = [line.adjudications for line in told.lines]
    assert (decision.paid_cents, decision.paid_date) == (usd("500"), later(10))


def test_bundled_lines_name_the_line_that_took_them_in(desk: Desk) -> None:
    lines = (Line("82565", usd("40")), Line("82947", usd("30")))
    desk.file(claim("N1", *lines, payers=(PLAIN, HARBOR)))
    desk.pay(
        answer(
            "N1", "1",
            service("80048", "40", "35", "PR-2 5", submitted="82565"),
            service("80048", "30", "0", "CO-97 30", submitted="82947"),
            control_number="B1",
        )
    )  # fmt: skip
    billed = desk.bill("N1", "next_payer")
    assert valid(billed)
    (told,) = read(billed)
    assert [d.bundled_line for line in told.lines for d in line.adjudications] == ["", "1"]


def test_several_claims_go_into_one_file_with_a_transaction_for_each_form(desk: Desk) -> None:
    hospital = claim(
        "H1", Line("99283", usd("600"), revenue="0450"), form="I", place="13", patient=OSCAR
    )
    dental = claim("D1", Line("D1110", usd("90")), form="D")
    for filed in (big("N1"), hospital, dental, big("N2", service_from=SERVED + timedelta(days=1))):
        desk.file(filed)
    one = desk.bill("N1 H1 D1 N2", "again")
    told = [(c.form, c.patient_control_number) for c in read(one)]
    assert told == [("P", "N1"), ("P", "N2"), ("I", "H1"), ("D", "D1")]
    segments = [s.split("*") for s in one["edi"].replace("\n", "").split("~")]
    assert [s[1] for s in segments if s[0] == "GE"] == ["1", "1", "1"]
    assert [s[2] for s in segments if s[0] == "ST"] == ["0001", "0002", "0003"]
    assert [s[6] for s in segments if s[0] == "GS"] == ["1", "2", "3"]
    two = desk.bill("N1", "again")
    assert two["control_number"] == "000000004"
    segments = [s.split("*") for s in two["edi"].replace("\n", "").split("~")]
    assert [s[2] for s in segments if s[0] == "ST"] == ["0004"]
    assert len(desk.book.report("claims")["rows"]) == 4
    far = desk.bill("N2", "again", control_number=900)
    assert far["control_number"] == "000000900"
    with pytest.raises(BadRequest, match="cannot be given"):
        desk.bill("N2", "again", control_number=900)


# -- corrections ---------------------------------------------------------------------------------


def test_a_replacement_changes_what_is_said_and_nothing_else(desk: Desk) -> None:
    desk.file(claim("N1", Line("99213", usd("100")), Line("85025", usd("60"))))
    desk.pay(
        answer("N1", "1", service("99213", "100", "80", "CO-45 20"),
               service("85025", "60", "0", "CO-16 60"), control_number="PLAINNO1")
    )  # fmt: skip
    fields = {"line.1.modifiers": "25", "line.2.charge": "65.50", "diagnoses": "J06.9, R05.9"}
    billed = desk.bill("N1", "replacement", fields=fields, reason="coder", user="dana")
    assert valid(billed)
    assert changed(billed) == [
        ("claim", "CLM02", "160", "165.50"),
        ("claim", "CLM05-3", "1", "7"),
        ("claim", "REF*F8", None, "REF*F8*PLAINNO1"),
        ("claim", "HI02", "", "ABF:R059"),
        ("line 1", "SV101-3", "", "25"),
        ("line 2", "SV102", "60", "65.50"),
    ]
    assert desk.figures("N1")["charge"] == "165.50"
    assert len(desk.book.report("claims")["rows"]) == 1
    desk.book.undo(billed["import"])
    assert desk.figures("N1")["charge"] == "160.00"


def test_a_replacement_is_the_same_claim_with_another_number_patient_and_days(desk: Desk) -> None:
    """What no rule of matching could see: the book knows what it wrote the claim from."""
    desk.file(claim("N1"))
    desk.pay(whole("N1", "4", "100", "0", "CO-31 100", control_number="PLAINNO1"))
    fields = {
        "number": "N1A", "line.1.date": "2026-01-19", "patient.last_name": "QUILLINGSWORTH",
        "patient.birth_date": "1952-03-14", "member_id": "W999",
    }  # fmt: skip
    billed = desk.bill("N1", "again", fields=fields)
    assert valid(billed)
    (row,) = desk.book.report("claims")["rows"]
    assert row["charge"] == "100.00"
    assert desk.book.claim("N1A")["id"] == desk.book.claim("N1")["id"]
    desk.pay(whole("N1A", "1", "100", "80", "CO-45 20", control_number="PLAINNO2", member_id="W999",
                   patient=None), days=20)  # fmt: skip
    assert desk.figures("N1A")["insurance_paid"] == "80.00"
    desk.book.undo(billed["import"])
    assert desk.book.import_files([billed["file"]])["claims"] == 1
    assert len(desk.book.report("claims")["rows"]) == 1


def test_a_rejected_claim_is_sent_again_and_not_replaced(desk: Desk) -> None:
    filed = claim("N1")
    desk.file(filed)
    desk.take(build_277ca(PLAIN, [Told(filed, "A7:562:85")], Envelope(day=later(0), control=900)))
    assert desk.book.claim("N1")["state"] == "rejected"
    with pytest.raises(NotAllowed, match="rejected before it was judged"):
        desk.bill("N1", "replacement")
    assert valid(desk.bill("N1", "again", fields={"line.1.modifiers": "25"}))
    assert desk.book.claim("N1")["state"] == "with_payer"


def test_a_corrected_claim_waits_for_the_payer_and_its_denial_with_it(desk: Desk) -> None:
    desk.file(claim("N1"))
    desk.pay(whole("N1", "1", "100", "20", "CO-16 80", control_number="PLAINNO1"))
    (denial,) = desk.book.denials()["denials"]
    billed = desk.bill("N1", "replacement", fields={"line.1.modifiers": "25"})
    assert desk.book.denials()["denials"] == []
    (told,) = desk.book.denials(status="resent")["denials"]
    (waiting,) = desk.book.report("waiting")["rows"]
    assert (told["id"], told["next_action"], told["deadline"]) == (
        denial["id"], "wait", denial["deadline"],
    )  # fmt: skip
    assert told["explanation"].startswith(
        f"Corrected and resent on {waiting['since']}, waiting for {PLAIN.name} until "
        f"{waiting['until']}"
    )
    assert (waiting["why"], waiting["payer"], waiting["insurance_open"]) == (
        "resent", PLAIN.name, "80.00",
    )  # fmt: skip
    assert desk.book.claim("N1")["state"] == "with_payer"
    desk.book.undo(billed["import"])
    assert desk.book.denials()["denials"] == [denial]
    assert desk.book.report("waiting")["rows"] == []


def test_an_answer_to_the_corrected_claim_ends_its_wait(desk: Desk) -> None:
    """The payer may keep its own number of the claim; a later answer counts all the same."""
    desk.file(claim("N1"))
    desk.pay(whole("N1", "1", "100", "0", "CO-16 100", control_number="PLAINNO1"))
    desk.bill("N1", "replacement", fields={"line.1.modifiers": "25"})
    since = (dates.today() - later(0)).days
    desk.pay(whole("N1", "1", "100", "0", "CO-50 100", control_number="PLAINNO1"), days=since + 20)
    assert desk.book.report("waiting")["rows"] == []
    assert [d["reason"] for d in desk.book.denials()["denials"]] == ["50"]


def test_a_replacement_behind_a_payment_dated_ahead_answers_it(desk: Desk) -> None:
    """The 835 came before the day of its payment (BPR16): the replacement names what it decided."""
    desk.file(claim("N1"))
    ahead = (dates.today() - later(0)).days + 3
    desk.pay(whole("N1", "1", "100", "0", "CO-16 100", control_number="PLAINNO1"), days=ahead)
    desk.bill("N1", "replacement", fields={"line.1.modifiers": "25"})
    assert [row["why"] for row in desk.book.report("waiting")["rows"]] == ["resent"]


def test_the_same_replacement_twice_is_refused_unless_it_is_meant(desk: Desk) -> None:
    desk.file(claim("N1"))
    desk.pay(whole("N1", "1", "100", "0", "CO-16 100", control_number="PLAINNO1"))
    desk.bill("N1", "replacement", fields={"line.1.modifiers": "25"})
    with pytest.raises(NotAllowed, match="Nothing differs from what was sent last"):
        desk.bill("N1", "replacement")
    (told,) = desk.bill("N1", "replacement", confirmed=True)["claims"]
    assert any("as confirmed" in note for note in told["notes"])


def test_a_rejected_claim_goes_out_unchanged_only_where_it_is_meant(desk: Desk) -> None:
    filed = claim("N1")
    desk.file(filed)
    desk.take(build_277ca(PLAIN, [Told(filed, "A7:562:85")], Envelope(day=later(0), control=900)))
    with pytest.raises(NotAllowed, match="rejected as it is"):
        desk.bill("N1", "again")
    assert [d["kind"] for d in desk.book.denials()["denials"]] == ["rejected"]
    assert valid(desk.bill("N1", "again", confirmed=True))
    assert desk.book.claim("N1")["state"] == "with_payer"


def test_the_number_of_a_277ca_names_the_claim_to_replace(desk: Desk) -> None:
    filed = claim("N1")
    desk.file(filed)
    told = [Told(filed, "A2:20", "ICN777001")]
    desk.take(build_277ca(PLAIN, told, Envelope(day=later(0), control=900)))
    (replaced,) = read(desk.bill("N1", "replacement"))
    assert replaced.reference("F8") == "ICN777001"


def test_a_claim_tells_what_was_written_for_it(desk: Desk) -> None:
    desk.file(claim("N1"))
    desk.pay(whole("N1", "1", "100", "80", "CO-45 20", control_number="PLAINNO1"))
    first = desk.bill("N1", "replacement", reason="modifier", user="dana")
    second = desk.bill("N1", "void", user="rosa")
    desk.book.undo(second["import"])
    told = desk.book.claim("N1")["written"]
    assert [(w["kind"], w["user"], w["reason"], w["taken_back"]) for w in told] == [
        ("replacement", "dana", "modifier", False), ("void", "rosa", "", True)
    ]  # fmt: skip
    assert told[0]["sha256"] == first["sha256"]
    assert told[0]["payer_claim_control_number"] == "PLAINNO1"


def test_a_void_takes_the_claim_back_and_undo_restores_it(desk: Desk) -> None:
    desk.file(claim("N1"))
    desk.pay(whole("N1", "1", "100", "0", "PR-1 100", control_number="PLAINNO1"))
    billed = desk.bill("N1", "void")
    assert valid(billed)
    (told,) = read(billed)
    assert (told.frequency, told.reference("F8")) == ("8", "PLAINNO1")
    assert desk.figures("N1")["charge"] == "0.00"
    with pytest.raises(NotAllowed, match="is void"):
        desk.bill("N1", "void")
    desk.book.undo(billed["import"])
    assert desk.figures("N1")["charge"] == "100.00"


def test_a_replacement_to_the_second_payer_tells_the_answers_as_they_now_stand(desk: Desk) -> None:
    first = primary()
    desk.file(big())
    desk.pay(first)
    desk.bill("N1", "next_payer")
    desk.pay(
        whole("N1", "2", "1000", "250", "OA-23 700, PR-3 50", control_number="HARBORNO1"),
        payer=HARBOR, days=7,
    )  # fmt: skip
    corrected = whole("N1", "1", "1000", "500", "CO-45 300, PR-1 200", control_number="PLAINNO2")
    desk.pay(reversal(first), corrected, days=10)
    with pytest.raises(NotAllowed, match="several payers"):
        desk.bill("N1", "replacement")
    billed = desk.bill("N1", "replacement", payer="S")
    assert valid(billed)
    (told,) = read(billed)
    assert (told.reference("F8"), told.coverage.payer.id) == ("HARBORNO1", HARBOR.id)
    plain = told.other_payers[0]
    assert (plain.paid_cents, plain.payer_claim_control_number) == (usd("500"), "PLAINNO2")
    assert [d.paid_cents for line in told.lines for d in line.adjudications] == [usd("500")]


# -- what is refused -----------------------------------------------------------------------------


def test_what_cannot_be_right_is_refused_with_what_to_do(desk: Desk) -> None:
    refused: list[tuple[str, str, type[MedcollectError], str]] = [
        ("NOPE", "void", NotFound, "no claim"),
        ("R1", "again", NotAllowed, "opened from a remittance"),
        ("N1", "replacement", NotAllowed, "No answer of PLAINFIELD"),
        ("N1", "next_payer", NotAllowed, "has not answered yet"),
        ("N2", "void", NotAllowed, "no number of its own"),
        ("N3", "replacement", NotAllowed, "Medicare Part B"),
        ("N4", "replacement", NotAllowed, "asks for a new claim"),
        ("N5", "next_payer", NotAllowed, "forwarded the claim to HARBOR"),
        ("N6", "next_payer", NotAllowed, "waits for a person"),
        ("N7", "next_payer", BadRequest, "not what the payer paid"),
        ("N8", "next_payer", NotAllowed, "why it is not the first payer"),
    ]
    numbers = ("N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8")
    payers = {"N3": (MEDICARE, HARBOR), "N8": (PLAIN, MEDICARE)}
    for day, number in enumerate(numbers):
        desk.file(
            claim(number, payers=payers.get(number, (PLAIN, HARBOR)),
                  service_from=SERVED + timedelta(days=day))
        )  # fmt: skip

    def told(number: str, status: str = "1", adjustments: str = "CO-45 20", **more: Any) -> Answer:
        day = SERVED + timedelta(days=numbers.index(number))
        line = service("99213", "100", "80", adjustments, day=day, remarks=more.pop("remarks", ()))
        return answer(number, status, line, **{"control_number": f"NO{number}", **more})

    elsewhere = service("99213", "70", "50", "CO-45 20", day=SERVED - timedelta(days=90))
    desk.pay(answer("R1", "1", elsewhere, control_number="RNO1", patient=OSCAR, member_id="X9"))
    desk.pay(told("N2", control_number=""))
    desk.pay(told("N3"), payer=MEDICARE)
    desk.pay(told("N4", remarks=("N142",)))
    desk.pay(told("N5", "19", crossover=HARBOR))
    desk.pay(told("N6", adjustments="CO-45 19"))
    desk.pay(
        answer("N7", "1", service("99213", "90", "80", "CO-45 10", day=SERVED + timedelta(days=6)),
               control_number="NON7")
    )  # fmt: skip
    desk.pay(told("N8"))
    for number, kind, error, message in refused:
        with pytest.raises(error, match=message) as found:
            desk.bill(number, kind)
        assert found.value.action
    assert desk.book.report("imports")["rows"][-1]["claims"] == 0
    assert valid(desk.bill("N1", "replacement", payer_number="BYPHONE1"))
    assert valid(desk.bill("N5", "next_payer", not_received=True))
    assert valid(desk.bill("N8", "next_payer", fields={"insurance_type": "12"}))
    assert valid(desk.bill("N4", "again"))


def test_a_claim_at_the_next_payer_is_not_sent_there_twice(desk: Desk) -> None:
    desk.file(big())
    desk.pay(primary())
    desk.bill("N1", "next_payer")
    with pytest.raises(NotAllowed, match="sent to HARBOR BENEFIT FUND already"):
        desk.bill("N1", "next_payer")
    assert valid(desk.bill("N1", "again", payer="harbor"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"line.3.modifiers": "25"}, "is no line"),
        ({"line.1.modifiers": "TOOLONG"}, "up to four modifiers"),
        ({"line.1.modifer": "25"}, "no field"),
        ({"colour": "red"}, "no field"),
        ({"line.1.charge": "x"}, "is no amount"),
        ({"line.1.date": "yesterday"}, "is no date"),
        ({"line.1.diagnoses": "2"}, "points to diagnosis 2"),
        ({"referring": "1234567893"}, "has no NM1 segment"),
        ({"line.1": "none"}, "last line"),
        ({"line.1.modifiers": "*A"}, "up to four modifiers"),
        ({"note": "A~B"}, "separates"),
    ],
)
def test_a_field_that_cannot_be_is_refused(
    tmp_path: Path, fields: dict[str, str], message: str
) -> None:
    desk = Desk(f"sqlite:///{tmp_path / 'book.db'}", tmp_path)
    desk.file(claim("N1"))
    with pytest.raises(BadRequest, match=message):
        desk.bill("N1", "again", fields=fields)
    assert list(tmp_path.glob("out-*")) == []


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path / 'book.db'}", tmp_path)
    desk.file(claim("N1"))
    there = tmp_path / "there.837"
    there.write_text("mine")
    with pytest.raises(NotAllowed, match="there already"):
        desk.book.bill(["N1"], "again", output=there)
    with pytest.raises(MedcollectError):
        desk.book.bill(["N1"], "again", output=tmp_path / "no" / "folder.837")
    assert there.read_text() == "mine"
    assert desk.book.report("imports")["rows"][-1]["claims"] == 1


def test_dates_of_the_file_follow_those_on_record(tmp_path: Path) -> None:
    """Documents rank by when they were made, so one written later must say so."""
    desk = Desk(f"sqlite:///{tmp_path / 'book.db'}", tmp_path)
    desk.file(claim("N1"))
    made = [desk.bill("N1", "again")["edi"].split("BHT*")[1].split("~")[0] for _ in range(3)]
    stamps = [tuple(text.split("*")[3:5]) for text in made]
    assert stamps == sorted(set(stamps))
    assert stamps[0][0] >= f"{dates.today():%Y%m%d}"


def test_over_http_the_same_claim_is_shown_then_written(desk: Desk, book_url: str) -> None:
    desk.file(big())
    desk.pay(primary())
    asked = {"claims": [desk.book.claim("N1")["id"]], "kind": "next_payer"}
    app = create_app(Settings(book_url=book_url))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        shown = client.post("/api/v1/claims/bill", json=asked).json()
        assert (shown["written"], shown["import"]) == (False, None)
        assert desk.book.claim("N1")["written"] == []
        key = {"Idempotency-Key": "k1"}
        kept = [
            client.post("/api/v1/claims/bill", json={**asked, "keep": True}, headers=key).json()
            for _ in range(2)
        ]
        assert kept[0] == kept[1]
        assert kept[0]["claims"] == shown["claims"]
        again = client.post("/api/v1/claims/bill", json={**asked, "keep": True})
        assert (again.status_code, again.json()["title"]) == (409, "A rule forbids it")
        undone = client.post(f"/api/v1/imports/{kept[0]['import']}/undo", json={})
        assert undone.status_code == 200
    (told,) = desk.book.claim("N1")["written"]
    assert (told["user"], told["taken_back"]) == ("api", True)
    assert read(kept[0])[0].coverage.payer.id == HARBOR.id

"""``check``: what it says of good, unbalanced, split, broken and unreadable files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from medcollect.errors import NothingDone, NotReadable
from medcollect.tasks.check import check

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *260105*1200*^*00501*{0:09d}*0*P*:~"  # noqa: E501
CLAIM = (
    "CLP*PCN1*1*100*80*20*12*ICN1*11*1~NM1*QC*1*SAMPLE*ANN****MI*M1~"
    "SVC*HC:99213*100*80**1~DTM*472*20260102~CAS*PR*2*20~"
)


def remittance(*bodies: str, payment: str = "80", trace: str = "T1", plb: str = "") -> str:
    """One interchange with a transaction for each body."""
    transactions = ""
    for number, body in enumerate(bodies, 1):
        text = (
            f"ST*835*{number:04d}~BPR*I*{payment}*C*CHK************20260105~"
            f"TRN*1*{trace}*1999999999~DTM*405*20260105~N1*PR*INVENTED HEALTH*XV*99999~"
            "PER*BL*DESK*TE*5555550100~"
            f"N1*PE*INVENTED CLINIC*XX*1234567893~LX*1~{body}{plb}"
        )
        transactions += f"{text}SE*{text.count('~') + 1}*{number:04d}~"
    return (
        ISA.format(1) + "GS*HP*PAYER*PRACTICE*20260105*1200*1*X*005010X221A1~"
        f"{transactions}GE*{len(bodies)}*1~IEA*1*000000001~"
    )


def claims(charge: str = "100") -> str:
    """An 837P with one claim of one line of 100.00."""
    body = (
        "ST*837*0001*005010X222A1~BHT*0019*00*1*20260105*1200*CH~NM1*41*2*CLINIC*****46*123~"
        "PER*IC*DESK*TE*5555550100~NM1*40*2*INVENTED HEALTH*****46*99999~HL*1**20*1~"
        "NM1*85*2*INVENTED CLINIC*****XX*1234567893~N3*1 MAIN ST~N4*TOWN*NY*100010000~"
        "REF*EI*999999999~HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*SAMPLE*ANN****MI*M1~"
        "N3*2 MAIN ST~N4*TOWN*NY*100010000~DMG*D8*19800101*F~"
        "NM1*PR*2*INVENTED HEALTH*****PI*99999~"
        f"CLM*PCN1*{charge}***11:B:1*Y*A*Y*Y~HI*ABK:J020~LX*1~SV1*HC:99213*100*UN*1***1~"
        "DTP*472*D8*20260102~"
    )
    return (
        ISA.format(2) + "GS*HC*PAYER*PRACTICE*20260105*1200*2*X*005010X222A1~"
        f"{body}SE*{body.count('~') + 1}*0001~GE*1*2~IEA*1*000000002~"
    )


def check_text(tmp_path: Path, text: str, **options: Any) -> dict[str, Any]:
    path = tmp_path / "file.edi"
    path.write_text(text)
    return check([path], **options)


def codes(answer: dict[str, Any]) -> list[str]:
    return [f["code"] for file in answer["files"] for f in file["findings"]]


def test_a_good_remittance_gives_its_figures_and_no_finding(tmp_path: Path) -> None:
    answer = check_text(tmp_path, remittance(CLAIM))

    (file,) = answer["files"]
    assert (file["status"], codes(answer), answer["balanced"]) == ("read", [], True)
    assert file["transactions"] == [
        {
            "kind": "835", "version": "005010X221A1", "control_number": "0001", "segment": 3,
            "claim_payments": 1, "service_payments": 1, "charged": "100.00", "paid": "80.00",
            "patient_responsibility": "20.00", "provider_adjustments": "0.00",
            "payments_total": "80.00", "balanced": True,
        }
    ]  # fmt: skip
    assert answer["findings"] == {"error": 0, "warning": 0, "info": 0}
    assert len(file["sha256"]) == 64


def test_what_does_not_prove_is_told_with_declared_and_calculated(tmp_path: Path) -> None:
    wrong = CLAIM.replace("*100*80*20*12", "*100*79*20*12")
    answer = check_text(tmp_path, remittance(wrong))

    (transaction,) = answer["files"][0]["transactions"]
    assert answer["balanced"] is transaction["balanced"] is False
    assert {"claim-does-not-balance", "remittance-does-not-balance"} <= set(codes(answer))
    claim, payment = transaction["proofs"]
    assert (claim["rule"], claim["declared"], claim["calculated"]) == ("claim", "79.00", "80.00")
    assert (claim["claim_payment"], claim["line"], claim["segment"]) == (1, None, 11)
    assert (payment["rule"], payment["difference"]) == ("transaction", "1.00")


def test_patient_responsibility_that_differs_leaves_the_file_balanced(tmp_path: Path) -> None:
    answer = check_text(tmp_path, remittance(CLAIM.replace("*80*20*12", "*80*25*12")))

    assert codes(answer) == ["patient-responsibility-differs"]
    assert answer["balanced"]
    assert answer["files"][0]["transactions"][0]["proofs"][0]["required"] is False


def test_a_split_remittance_that_repeats_its_payment_proves_over_the_group(tmp_path: Path) -> None:
    two = remittance(CLAIM, CLAIM.replace("PCN1", "PCN2"), payment="160")

    assert check_text(tmp_path, two)["balanced"]
    assert not check_text(tmp_path, two.replace("BPR*I*160", "BPR*I*161"))["balanced"]


def test_provider_adjustments_count_against_the_payment(tmp_path: Path) -> None:
    plb = "PLB*1234567893*20261231*WO:ICN0*30~"
    answer = check_text(tmp_path, remittance(CLAIM, payment="50", plb=plb))

    assert answer["balanced"]
    assert answer["files"][0]["transactions"][0]["provider_adjustments"] == "30.00"


def test_a_claim_whose_lines_do_not_add_up_is_an_error(tmp_path: Path) -> None:
    assert check_text(tmp_path, claims())["balanced"]
    answer = check_text(tmp_path, claims("120"))

    assert "claim-charge-differs" in codes(answer)
    assert not answer["balanced"]
    (transaction,) = answer["files"][0]["transactions"]
    assert (transaction["kind"], transaction["charged"]) == ("837P", "120.00")


def test_codes_are_checked_by_our_tables(tmp_path: Path) -> None:
    answer = check_text(tmp_path, remittance(CLAIM.replace("CAS*PR*2*20", "CAS*PR*9999*20")))

    assert [f["severity"] for f in answer["files"][0]["findings"]] != []
    assert answer["balanced"]


@pytest.mark.parametrize("text", ["", "hello, world\n" * 50, "\x00\x01\x02" * 500])
def test_what_is_not_edi_is_rejected_with_an_error(tmp_path: Path, text: str) -> None:
    answer = check_text(tmp_path, text)

    (file,) = answer["files"]
    assert (file["status"], file["transactions"]) == ("rejected", [])
    assert answer["findings"]["error"] >= 1


def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    text = remittance(CLAIM)
    answer = check_text(tmp_path, text[: text.index("SE*")])

    assert answer["files"][0]["transactions"][0]["claim_payments"] == 1
    assert "transaction-not-closed" in codes(answer)


def test_a_folder_gives_each_file_and_a_note_on_what_was_left_aside(tmp_path: Path) -> None:
    (tmp_path / "a.835").write_text(remittance(CLAIM))
    (tmp_path / "notes.md").write_text("x")
    answer = check([tmp_path])

    assert [f["status"] for f in answer["files"]] == ["read", "skipped"]
    assert answer["findings"] == {"error": 0, "warning": 0, "info": 1}


def test_a_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        check([tmp_path / "gone"])


def test_standard_input_is_checked() -> None:
    answer = check(["-"], stdin=io.BytesIO(remittance(CLAIM).encode()))

    assert (answer["files"][0]["path"], answer["balanced"]) == ("-", True)


def test_findings_name_no_person(tmp_path: Path) -> None:
    broken = claims("120").replace("HI*ABK:J020", "HI*ABK:SAMPLE").replace("19800101", "SAMPLE")
    broken = broken.replace("N4*TOWN*NY*100010000~DMG", "N4*TOWN*SAMPLE*SAMPLE~DMG")
    answer = check_text(tmp_path, broken, guide=True)

    assert len(answer["files"][0]["findings"]) > 3
    assert "SAMPLE" not in str(answer["files"][0]["findings"])


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    for name in ("a", "b"):
        (tmp_path / name).write_text(remittance(CLAIM))
    check([tmp_path], progress=lambda done, total, _label: steps.append((done, total)))

    size = 2 * len(remittance(CLAIM))
    assert steps[-1] == (size, size)
    assert steps == sorted(steps)


def test_the_guide_adds_its_findings_and_leaves_the_rest(tmp_path: Path) -> None:
    plain = check_text(tmp_path, claims())
    strict = check_text(tmp_path, claims().replace("DMG*D8*19800101*F~", "DMG*D8*19801301*F~"),
                        guide=True)  # fmt: skip

    assert not [c for c in codes(plain) if c.startswith("guide-")]
    dates = [f for f in strict["files"][0]["findings"] if f["code"] == "guide-element-date"]
    assert [(f["segment"], f["transaction"]) for f in dates] == [(18, 1)]


def test_the_acknowledgement_is_written_for_every_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text(remittance(CLAIM))
    (tmp_path / "in" / "b").write_text(claims())
    check([tmp_path / "in"], ack=tmp_path / "out.999")

    text = (tmp_path / "out.999").read_text()
    assert text.count("ISA*") == text.count("AK9*A*1*1*1~") == 2
    again = check([tmp_path / "out.999"])
    assert [t["kind"] for t in again["files"][0]["transactions"]] == ["999", "999"]
    assert again["findings"]["error"] == again["findings"]["warning"] == 0


def test_an_acknowledgement_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(remittance(CLAIM))

    with pytest.raises(NothingDone, match="cannot be written"):
        check([tmp_path / "a"], ack=tmp_path / "no" / "such" / "folder")

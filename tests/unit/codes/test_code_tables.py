"""The shipped code tables: complete, dated, in our own words, cheap to import."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from medcollect import codes
from medcollect.codes.rebuild import rebuild


def test_every_listed_reason_is_there_with_a_category_and_an_action():
    assert len(codes.reasons()) == 407
    assert sum(not r.deactivated for r in codes.reasons().values()) == 297
    for reason in codes.reasons().values():
        assert reason.label, reason.code
        assert reason.category, reason.code
        assert reason.next_action, reason.code
        assert reason.denial in {"yes", "no", "depends"}
        assert reason.preventable in {"yes", "partly", "no"}
        assert set(reason.groups_usual) <= {"CO", "PR", "OA", "PI"}


def test_remarks_in_use_and_retired_ones_are_told_apart():
    live = [r for r in codes.remarks().values() if not r.deactivated]
    assert (len(live), len(codes.remarks()) - len(live)) == (292, 62)
    assert sum(r.alert for r in live) == 91


def test_a_reason_carries_what_the_ledger_and_the_denial_desk_need():
    reason = codes.reason("18")
    assert reason is not None
    assert (reason.category, reason.denial, reason.next_action) == ("duplicate", "yes", "none")
    assert reason.group_mandated == ("OA", "CO")
    assert codes.reason("16").rarc_required
    assert codes.reason("45").group_mandated == ("PR", "CO")


def test_a_retired_reason_keeps_its_row_its_last_day_and_its_replacements():
    reason = codes.reason("62")
    assert reason.deactivated
    assert reason.replaced_by == ("197", "198")
    assert reason.active_on(date(2007, 4, 1))
    assert not reason.active_on(date(2007, 4, 2))


def test_a_retired_reason_of_uncertain_end_has_no_date_and_says_so():
    reason = codes.reason("15")
    assert reason.stop_date is None
    assert "unverified" in reason.stop_note
    assert reason.active_on(date(2026, 1, 1))


def test_what_a_table_lacks_is_none():
    assert codes.reason("9999") is None
    assert codes.remark("N99999") is None
    assert codes.group("XX") is None
    assert codes.claim_status("99") is None


def test_a_remark_names_the_reasons_it_refines():
    assert codes.remark("M127").refines("252")
    assert not codes.remark("M127").refines("50")
    assert codes.remark("N830").refines("97"), "any stands for all"


@pytest.mark.parametrize(
    ("look_up", "code", "attribute", "expected"),
    [
        (codes.claim_status, "20", "rank", 2),
        (codes.claim_status, "19", "forwarded", True),
        (codes.claim_status, "5", "in_5010", False),
        (codes.filing_indicator, "MB", "payer_kind", "medicare"),
        (codes.filing_indicator, "16", "payer_kind", "medicare_advantage"),
        (codes.group, "PR", "bearer", "patient"),
        (codes.payer_rank, "A", "rank", 4),
        (codes.payer_rank, "U", "rank", None),
        (codes.place_of_service, "11", "label", "Office"),
        (codes.provider_adjustment_code, "WO", "link_to_claim", "yes"),
    ],
)
def test_the_small_tables_answer(look_up, code, attribute, expected):
    assert getattr(look_up(code), attribute) == expected


def test_importing_the_tables_reads_none_and_pulls_in_nothing_heavy():
    script = (
        "import sys, medcollect.codes as c\n"
        "from medcollect.codes import tables\n"
        "assert tables.reasons.cache_info().currsize == 0\n"
        "assert not {'pandas', 'simple_icd_10_cm'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_tables_can_be_rebuilt_from_reference_lists(tmp_path):
    source, target = tmp_path / "reference", tmp_path / "data"
    source.mkdir()
    target.mkdir()
    head = (
        "code,status,stop_date,replaced_by,groups_usual,group_mandated_by_list,label,category,"
        "is_denial,next_action,preventable,rarc_required,note,list_date\n"
    )
    row = "1,deactivated,after 2016 (unverified),2;3,PR,OA (CO only here),X,y,no,none,no,no,,d\n"
    (source / "carc.csv").write_text(head + row)
    remark = "code,status,alert,label,category,refines_carc,next_action,note,list_date\n"
    (source / "rarc.csv").write_text(remark + "N1,deactivated,,X,y,,none,,d\n")
    for name in ("plb_codes.csv", "appeal_deadlines.csv"):
        (source / name).write_text("code,label\nA,B\n")
    assert rebuild(source, target)["reasons.csv"] == 1
    written = (target / "reasons.csv").read_text()
    assert "after 2016 (unverified)" in written
    assert "OA;CO" in written
    assert ",no," in (target / "remarks.csv").read_text()

"""Every published acknowledgement, status and eligibility file is read, and says what it says.

The verdicts in ``VERDICTS`` were taken from the files by reading them, not by running anything.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from medcollect.findings import Finding
from medcollect.model.acknowledgement import Acknowledgement, InterchangeAcknowledgement
from medcollect.model.eligibility import EligibilityReport
from medcollect.model.status import StatusReport
from medcollect.x12 import LifeDocument, Limits, life_documents
from medcollect.x12.tokens import Tokens
from tests.support.corpus import every_file, require_corpus

FOLDERS = ("ack", "eligibility", "status")

#: File -> one line per transaction, TA1, claim or person: what it is, and the verdict.
VERDICTS: dict[str, list[str]] = {
    "ack/anyelon-999-accepted-with-errors.edi": [
        "999 of 1: accepted_with_errors", "  0001 accepted_with_errors",
    ],
    "ack/anyelon-999-accepted.edi": ["999 of 1: accepted", "  0001 accepted"],
    "ack/anyelon-999-missing-ak9.edi": ["999 of 1: unknown", "  0001 accepted"],
    "ack/anyelon-999-multiple-element-errors.edi": ["999 of 1: rejected", "  0001 rejected"],
    "ack/anyelon-999-rejected.edi": ["999 of 1: rejected", "  0001 rejected"],
    "ack/cho-999-acknowledgment.edi": ["999 of 1: accepted", "  0001 accepted"],
    "ack/edifabric-997.txt": [
        "997 of 000000001: rejected", "  ST02 accepted", "  ST02 rejected",
    ],
    "ack/imsweb-x12-999-accepted.txt": ["999 of 17456: accepted", "  0001 accepted"],
    "ack/imsweb-x12-999-rejected.txt": ["999 of 28: rejected", "  0028 rejected"],
    "ack/oopfactory-dhs-wisconsin-sample.txt": [
        "999 of 17456: partially_accepted", "  0001 accepted", "  002 rejected", "  0003 rejected",
    ],
    "ack/pyx12-834-eol-in-element-999.txt": ["999 of 13360001: rejected", "  0001 rejected"],
    "ack/pyx12-835id-997.txt": [
        "997 of 3444: accepted", "  40731 accepted", "TA1 of 000003447: accepted 000",
    ],
    "ack/pyx12-837miss-997.txt": [
        "997 of 17: rejected", "  11280001 rejected", "TA1 of 000010121: rejected 023",
    ],
    "ack/pyx12-ele-997.txt": [
        "997 of 1: rejected", "  300145997 rejected", "TA1 of 000484889: rejected 015",
    ],
    "ack/pyx12-trailer-errors-997.txt": [
        "997 of 1: rejected", "  300207436 rejected", "  300207437 accepted",
        "TA1 of 000484950: rejected 018",
    ],
    "ack/staedi-empty997.edi": ["997 of : unknown"],
    "ack/staedi-invalid999.edi": [
        "999 of 17456: partially_accepted", "  0001 unknown", "  0002 rejected", "  0003 rejected",
    ],
    "ack/staedi-optionalinterchangeservices.edi": ["997 of 000001: accepted"],
    "ack/staedi-x12-interchange-ack.txt": ["TA1 of 000000050: accepted 000"],
    "ack/stupidedi-4010-1.edi": ["997 of 160: accepted", "  0160 accepted"],
    "ack/vgi-ack-997.edi": [
        "997 of 1: partially_accepted", "  0001 accepted_with_errors", "  0002 accepted",
    ],
    "status/bbritten-example-02.edi": ["277CA: receiver rejected"],
    "status/edicli-sample-276.edi": ["276", "  CLAIM123 asked"],
    "status/edicli-sample-277.edi": ["277", "  CLAIM123 unknown"],
    "status/edilens-277ca-test-0001.edi": [
        "277CA: receiver accepted", "  4001/1339 accepted", "  2890/4 rejected, line rejected",
        "  00000000000000000000 rejected",
    ],
    "status/hdi-277ca-receiver-rejected.edi": ["277CA: receiver rejected"],
    "status/hdi-x214-payer-response-multiple-responders.edi": [
        "277CA: receiver accepted, provider accepted, provider rejected",
        "  PATIENT22222 accepted", "  PATIENT33333 rejected", "  JONES44444 rejected",
        "  JOHNSON55555 accepted", "  MILSO66666 accepted",
    ],
    "status/hdi-x214-payer-response.edi": [
        "277CA: receiver accepted", "  PATIENT22222 accepted", "  PATIENT33333 rejected",
        "  JONES44444 rejected", "  JOHNSON55555 accepted", "  MILLS66666 accepted",
    ],
    "status/imsweb-x12-277ca-accepted.txt": ["277CA: receiver accepted", "  5781 accepted"],
    "status/lfh-claim-level-status-ncpdp-2.edi": ["277", "  ABCXYZ1 denied"],
    "status/lfh-demo-277.edi": [
        "277", "  ABCXYZ1 pending", "  ABCXYZ2 finalized", "  ABCXYC3 denied, line denied",
    ],
    "status/lfh-information-receiver-level-status-2.edi": ["277: receiver error"],
    "status/lfh-provider-level-status-2.edi": ["277: provider error", "  ABCXYZ1 pending"],
    "status/stupidedi-1.edi": ["277", "  56565656 pending"],
    "status/pragyakar-test1.txt": ["277", "  ABC9001 pending", "  ABC9002 paid, line paid"],
    "eligibility/anyelon-271-active-full-benefits.edi": ["271 active", "  subscriber active"],
    "eligibility/anyelon-271-inactive-not-covered.edi": ["271 inactive", "  subscriber inactive"],
    "eligibility/anyelon-271-inactive-termed.edi": ["271 inactive", "  subscriber inactive"],
    "eligibility/anyelon-sample-271.edi": ["271 active", "  subscriber active"],
    "eligibility/chartwarden-hospice-inactive.edi": ["271 inactive", "  subscriber inactive"],
    "eligibility/chartwarden-hospice-with-copay.edi": ["271 active", "  subscriber active"],
    "eligibility/edicli-sample-270.edi": ["270 asked", "  subscriber asked"],
    "eligibility/imsweb-x271.txt": ["271 active", "  subscriber active"],
    "eligibility/lfh-subscriber-health-benefit-check-error.edi": ["271 rejected AAA receiver 50"],
    "eligibility/oopfactory-example-3-1-2.txt": [
        "271 active AAA payer 80 79 79 80 receiver 41 41",
        "  subscriber active AAA subscriber 42 benefit 51 60",
    ],
    "eligibility/oopfactory-example-3-2-2.txt": ["271 active", "  dependent active"],
    "eligibility/oopfactory-from-georgiosd.txt": [
        "271 rejected", "  subscriber rejected AAA subscriber 42",
    ],
    "eligibility/oopfactory-validationfordependentname.txt": [
        "271 active", "  dependent active AAA dependent 58",
    ],
    "eligibility/oopfactory-validationforreceivername.txt": [
        "271 rejected AAA receiver 43 44 45 47",
    ],
    "eligibility/oopfactory-validationforsource.txt": ["271 rejected AAA payer 42"],
    "eligibility/oopfactory-validationforsubscriberbenefitinfo.txt": [
        "271 active", "  subscriber active AAA benefit CI 70",
    ],
    "eligibility/oopfactory-validationforsubscribername.txt": [
        "271 rejected", "  subscriber rejected AAA subscriber 72 75",
    ],
    "eligibility/oopfactory-validationonall.txt": [
        "271 mixed AAA payer 79 42 79 80 receiver 41 41",
        "  subscriber rejected AAA subscriber 42",
        "  dependent active AAA dependent 35 benefit 52 60",
    ],
    "eligibility/tigershark-271-example-dependent-rejection.txt": [
        "271 rejected", "  subscriber rejected AAA subscriber 72", "  dependent rejected",
    ],
    "eligibility/tigershark-271-example.txt": [
        "271 rejected", "  subscriber rejected AAA subscriber 72 73 73 58",
    ],
    "eligibility/tigershark-271-related-entity.txt": ["271 active", "  dependent active"],
    "eligibility/vgi-eligibility-271.edi": ["271 active", "  subscriber active"],
    "eligibility/x12encoder-271-rejected-subscriber.edi": [
        "271 rejected", "  subscriber rejected AAA subscriber 72",
    ],
}  # fmt: skip

_LEVELS = {"20": "payer", "21": "receiver", "19": "provider"}


def life_files() -> list[str]:
    return [name for name in every_file() if name.split("/")[0] in FOLDERS]


def read_file(name: str) -> list[LifeDocument]:
    with (require_corpus() / name).open("rb") as stream:
        return list(life_documents(stream))


def lines_of(document: LifeDocument) -> Iterator[str]:
    """One record as the lines of ``VERDICTS``."""
    match document:
        case Acknowledgement():
            kind, group = document.transaction.kind, document.group_control_number
            yield f"{kind} of {group}: {document.verdict}"
            yield from (f"  {a.control_number} {a.verdict}" for a in document.transactions)
        case InterchangeAcknowledgement():
            yield f"TA1 of {document.control_number}: {document.verdict} {document.note}"
        case StatusReport():
            said = [(level.level, level.verdict) for level in document.levels if level.statuses]
            levels = ", ".join(f"{_LEVELS[level]} {verdict}" for level, verdict in said)
            yield f"{document.form}: {levels}" if levels else document.form
            for claim in document.claims:
                of_lines = "".join(f", line {line.verdict}" for line in claim.lines)
                yield f"  {claim.trace_number} {claim.verdict}{of_lines}"
        case EligibilityReport():
            yield f"{document.form} {document.verdict}{refusals(document.rejects)}"
            for member in document.members:
                rejects = [*member.rejects, *(r for b in member.benefits for r in b.rejects)]
                yield f"  {member.relationship} {member.verdict}{refusals(rejects)}"
        case _:
            pass


def refusals(rejects: object) -> str:
    """``AAA payer 80 79 receiver 41``."""
    text, level = "", ""
    for reject in rejects:  # type: ignore[attr-defined]
        text += f" {reject.level}" if reject.level != level else ""
        text += f" {reject.code}"
        level = reject.level
    return f" AAA{text}" if text else ""


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_verdict_is_the_one_that_the_file_states(name: str) -> None:
    assert [line for document in read_file(name) for line in lines_of(document)] == VERDICTS[name]


def test_there_are_131_files_and_at_least_thirty_were_read_by_eye() -> None:
    require_corpus()
    assert len(life_files()) == 131
    assert set(VERDICTS) <= set(life_files())
    assert len(VERDICTS) >= 30


@pytest.mark.parametrize("name", life_files() or ["none"])
def test_every_file_is_read_and_nothing_of_it_is_lost(name: str) -> None:
    """Every segment between ST and SE stands in its record, as it stood in the file."""
    records = [d for d in read_file(name) if not isinstance(d, Finding)]
    segments: list[str] = []
    inside = False
    with (require_corpus() / name).open("rb") as stream:
        for batch in Tokens(stream, Limits()).batches():
            for segment in batch.segments:
                tag = segment.partition(batch.delimiters.element)[0]
                if (inside and tag != "SE") or tag == "TA1":
                    segments.append(segment)
                inside = tag == "ST" or (inside and tag != "SE")
    assert records
    ours = [getattr(d, "segments", None) or (getattr(d, "text", ""),) for d in records]
    carried = [segment for part in ours for segment in part if segment]
    assert carried == segments


def test_a_deductible_of_a_file_with_what_remains() -> None:
    """tigershark-271-example-2: family 236.00 of 236.00 left; individual 118.00, all met."""
    report = next(
        d
        for d in read_file("eligibility/tigershark-271-example-2.txt")
        if isinstance(d, EligibilityReport)
    )
    member = report.members[0]
    in_network = {
        (s.kind, s.coverage_level): (s.limit_cents, s.used_cents, s.remaining_cents)
        for s in member.cost_shares
        if s.network == "in" and s.service_types == ("30",)
    }
    assert in_network == {
        ("out_of_pocket", "FAM"): (300000, 302590, 0),
        ("deductible", "FAM"): (23600, 0, 23600),
        ("out_of_pocket", "IND"): (150000, 150000, 0),
        ("deductible", "IND"): (11800, 11800, 0),
    }
    assert [p.last_name for b in member.other_payers for p in b.parties] == ["MEDICARE"]

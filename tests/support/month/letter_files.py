"""The last files of the month: claims without a payment yet, and what came back on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.support.builder import Envelope
from tests.support.letters import (
    Told,
    build_271,
    build_277,
    build_277ca,
    build_999,
    build_ta1,
)
from tests.support.month.late_claims import LATE, REFUSED
from tests.support.month.people import MEDICARE_B, OSCAR, PLAINFIELD
from tests.support.month.sample_file import ZEROS, SampleFile, claims_file
from tests.support.write_segments import Segment

SENT = date(2026, 3, 12)
NEXT_DAY = date(2026, 3, 13)
WEEK_AFTER = date(2026, 3, 20)

MEDICARES, PLAINFIELDS = (item.claim for item in LATE)

#: Active; 1,500.00 of deductible, 400.00 of it left; 20 % coinsurance; Medicare besides.
COVERED: tuple[Segment, ...] = (
    ["EB", "1", "IND", "30", "PR", "PLAINFIELD GOLD PPO"],
    ["DTP", "346", "D8", "20260101"],
    ["EB", "C", "IND", "30", "", "", "23", "1500", "", "", "", "", "Y"],
    ["EB", "C", "IND", "30", "", "", "29", "400", "", "", "", "", "Y"],
    ["EB", "A", "IND", "30", "", "", "", "", ".2", "", "", "", "Y"],
    ["EB", "R", "IND", "30", "MB"],
    ["LS", "2120"],
    ["NM1", "PR", "2", "GREAT RIVER MEDICARE SERVICES", "", "", "", "", "PI", "GRM04"],
    ["LE", "2120"],
)


def back(control: int, day: date) -> Envelope:
    """The envelope of what comes back."""
    return Envelope(day=day, control=control)


def letter(number: int, name: str, text: str, shows: str, **counts: int) -> SampleFile:
    """A file that holds neither claims nor payments."""
    expected = {**ZEROS, "balanced": True, "waiting": 0, **counts}
    return SampleFile(f"{number}-{name}.edi", text, shows, "imported", expected)


LETTER_FILES = (
    claims_file(
        32,
        "837p-late-claims",
        (MEDICARES, PLAINFIELDS),
        "353.00",
        "two late claims: what comes back on them is no payment yet",
        SENT,
    ),
    claims_file(
        33,
        "837p-late-claim-in-a-file-that-is-rejected",
        (REFUSED[0].claim,),
        "165.00",
        "a late claim in a file of its own",
        SENT,
    ),
    letter(
        34,
        "ta1-accepted",
        build_ta1(32, SENT, back(34, SENT)),
        "the interchange of file 32 arrived",
        acknowledgements=1,
    ),
    letter(
        35,
        "999-accepted",
        build_999(32, back(35, SENT)),
        "the transaction of file 32 is sound",
        acknowledgements=1,
    ),
    letter(
        36,
        "999-rejected",
        build_999(33, back(36, SENT), rejected=True),
        "the transaction of file 33 is not: its claim was never judged",
        acknowledgements=1,
    ),
    letter(
        37,
        "277ca-accepted",
        build_277ca(
            PLAINFIELD,
            [Told(PLAINFIELDS, "A2:20", "PMH2603120042")],
            back(37, NEXT_DAY),
            batch="B00000032",
        ),
        "the payer took the claim in: proof of timely filing, and its own claim number",
        claim_statuses=1,
    ),
    letter(
        38,
        "277ca-rejected",
        build_277ca(
            MEDICARE_B,
            [Told(MEDICARES, "A7:562:85")],
            back(38, NEXT_DAY),
            batch="B00000032",
        ),
        "Medicare rejects a claim for the billing provider's NPI: to be sent again, not denied",
        claim_statuses=1,
        rejected_claims=1,
    ),
    letter(
        39,
        "277-in-process",
        build_277(
            PLAINFIELD,
            [Told(PLAINFIELDS, "P1:20", "PMH2603120042", number="")],
            back(39, WEEK_AFTER),
        ),
        "the payer works on the claim; it names it by its own number only",
        claim_statuses=1,
    ),
    letter(
        40,
        "271-active-with-another-payer",
        build_271(replace(PLAINFIELDS.coverages[0]), OSCAR, COVERED, back(40, WEEK_AFTER)),
        "coverage is active, 400.00 of the deductible are left, another payer is known",
        eligibility_answers=1,
    ),
)

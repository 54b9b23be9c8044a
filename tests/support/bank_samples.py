# ruff: noqa: E501 - the page has tables
"""Writes ``edi_samples/bank/``: ``python -m tests.support.bank_samples`` from the project's folder.

What the bank of the invented practice says of the month in ``edi_samples/``, with what
``medcollect reconcile`` must answer; worked out by hand. A test holds the committed files to it.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from tests.support.write_bank import Credit, Detail, bai2, nacha

FOLDER = Path(__file__).resolve().parents[2] / "edi_samples" / "bank"
PLAINFIELD = "1999000101"


def trn(trace: str, payer: str = PLAINFIELD) -> str:
    return f"TRN*1*{trace}*{payer}~"


def ach(cents: int, reference: str, name: str, trace: str) -> Detail:
    return Detail("165", cents, reference, "", f"ACH CREDIT ORIG CO NAME:{name}  {trace}".strip())


FEBRUARY = [
    (date(2026, 2, 9), [ach(95200, "B0209", "PLAINFIELD MUTUA", trn("PM26020901"))]),
    (date(2026, 2, 11), [ach(26000, "B0211", "PLAINFIELD MUTUA", "")]),
    (date(2026, 2, 12), [ach(90600, "B0212", "PLAINFIELD MUTUA", trn("PM26021201"))]),
    (date(2026, 2, 17), [ach(21952, "B0217", "GREAT RIVER MEDI", trn("GR26021701", "1999000104"))]),
    (
        date(2026, 2, 18),
        [
            ach(2000, "B0218A", "LANTERN SUPPLEME", trn("LS26021801", "1999000106")),
            ach(6500, "B0218B", "PRAIRIE STATE ME", trn("PS26021801", "1999000105")),
        ],
    ),
    (
        date(2026, 2, 19),
        [
            ach(23128, "B0219A", "GREAT RIVER MEDI", trn("GA26021901", "1999000114")),
            ach(270000, "B0219B", "PLAINFIELD MUTUA", trn("PM26021901")),
        ],
    ),
    (
        date(2026, 2, 20),
        [
            ach(26400, "B0220A", "BRIGHTLEAF DENTAL", ""),
            ach(69600, "B0220B", "PLAINFIELD MUTUA", trn("PM26022001")),
        ],
    ),
    (
        date(2026, 2, 23),
        [
            Detail("115", 14800, "L0223", "", "LOCKBOX 77 PATIENT CHECKS"),
            Detail("116", 11800, "", "2041"),
            Detail("116", 3000, "", "618"),
        ],
    ),
    (date(2026, 2, 24), [ach(31000, "B0224", "HARBOR BENEFIT F", trn("HB26022401", "1999000102"))]),
    (date(2026, 2, 25), [Detail("555", 3000, "X0225", "618", "DEPOSITED ITEM RETURNED")]),
    (date(2026, 2, 26), [ach(2000, "B0226", "PLAINFIELD MUTUA", trn("PM26022601"))]),
    (
        date(2026, 2, 27),
        [Detail("354", 125, "I0227", "", "INTEREST"), Detail("475", 180000, "", "1044", "RENT")],
    ),
]

ENVELOPE = (
    "ISA*00*          *00*          *ZZ*PLAINFIELD     *ZZ*CEDARHOLLOW    *260302*0600*^*00501*"
    "000000001*0*P*:~GS*RA*PLAINFIELD*CEDARHOLLOW*20260302*0600*1*X*005010~ST*820*0001~"
    "BPR*D*440*C*ACH*CTX~" + trn("PM26030201") + "SE*4*0001~GE*1*1~IEA*1*000000001~"
)
MARCH = [
    (date(2026, 3, 2), [Credit("PLAINFIELD MUTUAL", 44000, ENVELOPE, kind="CTX")]),
    (date(2026, 3, 5), [Credit("PLAINFIELD MUTUAL", 42000, trn("PM26030501"))]),
    (
        date(2026, 3, 6),
        [
            Credit("PLAINFIELD MUTUAL", 100410, trn("PM26030601")),
            Credit("TOWN WATERWORKS", 8190, code="27"),
        ],
    ),
    (date(2026, 3, 9), [Credit("PLAINFIELD MUTUAL", 25000, trn("PM26030901"))]),
    (date(2026, 3, 10), [Credit("PLAINFIELD MUTUAL", 18500, trn("PM26031001"))]),
]

DOWNLOAD = """\
Cedar Hollow Bank, account ending 5006
Posting Date,Type,Credit,Debit,Details
03/10/2026,ACH,185.00,,"PLAINFIELD MUTUA HCCLAIMPMT TRN*1*PM26031001*1999000101~"
03/11/2026,ACH,190.00,,"PLAINFIELD MUTUAL HEALTH HCCLAIMPMT"
03/12/2026,FEE,,12.00,"MONTHLY SERVICE FEE"
"""

MAPPING = """\
# Which column of the bank's download is what.
date_format = "%m/%d/%Y"
skip_lines = 1

[columns]
date = "Posting Date"
kind = "Type"
credit = "Credit"
debit = "Debit"
description = "Details"

[values.kind]
ACH = "ach"
FEE = "other"
"""

DESK = """\
Receipt,Date,Amount,Tender,Visit
9001,2026-03-16,20.00,CHECK,CH6001
9002,2026-03-16,25.00,CASH,CH1001
9003,2026-03-17,60.00,VISA,CH9999
"""

DESK_MAPPING = """\
# The front desk's list of payments.
[columns]
reference = "Receipt"
method = "Tender"
claim = "Visit"

[values.method]
VISA = "card"
CHECK = "check"
CASH = "cash"
"""

EXPECTED: dict[str, Any] = {
    "matched": {
        "trace_and_amount": [
            "PM26020901", "GR26021701", "LS26021801", "PS26021801", "GA26021901", "PM26021901",
            "PM26022001", "HB26022401", "PM26022601", "PM26030201", "PM26030501", "PM26030601",
            "PM26030901", "PM26031001",
        ],
        "amount_date_and_payer": ["PM26021101", "BL26022001", "PM26031101"],
    },
    "differences": {"PM26021201": "-10.00"},
    "remittances": ["ST26022501"],
    "deposits": {"148.00": "lockbox", "-30.00": "returned", "1.25": "other"},
    "held": ["PM26030901"],
    "totals": {
        "deposits": {
            "matched": "8226.90", "different": "906.00", "unmatched": "119.25",
            "patient_cards": "0.00", "set_aside": "0.00", "total": "9252.15",
        },
        "remittances": {
            "matched": "8226.90", "different": "916.00", "unmatched": "30.00",
            "not_expected": "0.00", "total": "9172.90",
        },
        "difference": "-10.00",
        "refund_cheques": "0.00",
    },
}  # fmt: skip

README = """\
# What the practice's bank says

The deposits of the month in the folder above, as three banks' formats would tell them:

| File | Format | Shows |
|---|---|---|
| `2026-02-statement.bai` | BAI2 | transfers with and without the payer's trace, one 10.00 short, a lockbox of patients' checks, one of them returned, interest, rent |
| `2026-03-transfers.ach` | NACHA | CCD+ and CTX credits with the TRN segment in their addenda, a debit |
| `2026-03-download.csv` | CSV by `2026-03-download.toml` | a download that overlaps: one deposit is on file already, one is new |
| `2026-03-desk.csv` | patient payments, by `2026-03-desk.toml` | a check, cash, and a card payment for a visit that is not on file yet |

```
medcollect import edi_samples
medcollect deposits edi_samples/bank
medcollect deposits edi_samples/bank/2026-03-download.csv --mapping edi_samples/bank/2026-03-download.toml
medcollect reconcile
medcollect payments edi_samples/bank/2026-03-desk.csv --mapping edi_samples/bank/2026-03-desk.toml
```

`expected-reconciliation.json` says what must come out. The files are written by
`python -m tests.support.bank_samples`; a test keeps them equal to it byte for byte.
"""


def documents() -> dict[str, str]:
    """Every file of the folder: its name and its text."""
    return {
        "README.md": README,
        "2026-02-statement.bai": bai2(FEBRUARY),
        "2026-03-transfers.ach": nacha(MARCH),
        "2026-03-download.csv": DOWNLOAD,
        "2026-03-download.toml": MAPPING,
        "2026-03-desk.csv": DESK,
        "2026-03-desk.toml": DESK_MAPPING,
        "expected-reconciliation.json": json.dumps(EXPECTED, indent=2) + "\n",
    }


def main() -> None:
    """Write the folder."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="ascii", newline="")


if __name__ == "__main__":
    main()

"""Writes ``edi_samples/``: ``python -m tests.support.make_samples`` from the project's folder.

The same code gives the same bytes every time; a test holds the committed files to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.month.claims import CLAIMS, expected_claim
from tests.support.month.denials import DENIALS, REJECTED
from tests.support.month.files import FILES, MONTH
from tests.support.month.sample_file import SampleFile

FOLDER = Path(__file__).resolve().parents[2] / "edi_samples"

README_START = """\
# An invented practice's month

Cedar Hollow Family Medicine saw its patients from 19 to 29 January 2026, sent its claims on
2 February, and got its answers from 9 February to 11 March. Practice, patients, payers and numbers
are invented. Three late claims of 12 March have no payment yet; acknowledgements, status and an
eligibility answer came back on them. Import the folder, or the files in the order of their names:
they tell one story.

```
medcollect import edi_samples
```

Beside each file stands `<name>.expected.json` with what `medcollect import --json` must say when
the files are imported one by one in this order into one book; `expected-claims.json` has the
figures of `medcollect claim NUMBER --json` for every claim after the last file,
`expected-denials.json` the denials that are open then, and `expected-month.json` what importing
the whole folder at once must say. The expected figures are worked out by hand from the rules.

"""

README_CLAIMS = """
## The claims and how they end

| Claim | Shows | Charge | Insurance paid | Written off | Patient's part | Due | Open |
|---|---|--:|--:|--:|--:|--:|--:|
"""

README_END = """
Patients' payments at the desk: CH1001 25.00, CH1003 60.00 (35.00 too much: a credit), CH3008
20.00. The files are written by `python -m tests.support.make_samples`; a test keeps them equal to
it byte for byte.
"""


def documents() -> dict[str, str]:
    """Every file of the folder: its name and its text."""
    texts: dict[str, str] = {}
    for sample in FILES:
        texts[sample.name] = sample.text
        texts[sample.expected_name] = as_json(sample.expected_document)
    claims = {number: expected_claim(item) for number, item in CLAIMS.items()}
    texts["expected-claims.json"] = as_json(claims)
    texts["expected-denials.json"] = as_json(
        {
            number: {"code": code, "category": category, "amount": amount}
            for number, (code, category, amount) in DENIALS.items()
        }
        | {
            number: {"code": code, "category": "rejected", "amount": "0.00", "at_stake": amount}
            for number, (code, amount) in REJECTED.items()
        }
    )
    texts["expected-month.json"] = as_json(MONTH)
    texts["README.md"] = readme()
    return texts


def as_json(value: dict[str, Any]) -> str:
    """JSON for people to read, with a line end."""
    return json.dumps(value, indent=2) + "\n"


def readme() -> str:
    """The README with its two tables."""
    parts = [README_START]
    parts.append("| File | Shows | Status | Expect |\n|---|---|---|---|\n")
    parts += [_file_row(sample) for sample in FILES]
    parts.append(README_CLAIMS)
    for number, item in CLAIMS.items():
        figures = expected_claim(item)
        keys = ("charge", "insurance_paid", "written_off", "patient_responsibility")
        amounts = [figures[key] for key in (*keys, "patient_due", "insurance_open")]
        parts.append(f"| {number} | {item.shows} | {' | '.join(amounts)} |\n")
    parts.append(README_END)
    return "".join(parts)


def _file_row(sample: SampleFile) -> str:
    return f"| `{sample.name}` | {sample.shows} | {sample.status} | {_expect(sample)} |\n"


#: What a file without claims and payments holds, in a word.
_LETTERS = {
    "acknowledgements": "acknowledgement",
    "claim_statuses": "claim status",
    "rejected_claims": "rejected claim",
    "eligibility_answers": "eligibility answer",
}


def _expect(sample: SampleFile) -> str:
    """The figures worth a look, in a few words."""
    figures = sample.expected
    if figures["claims"]:
        noun = "claim" if figures["claims"] == 1 else "claims"
        return f"{figures['claims']} {noun}, charged {figures['claims_charged']}"
    letters = [f"{figures[key]} {word}" for key, word in _LETTERS.items() if figures.get(key)]
    if letters:
        return ", ".join(letters)
    if figures["duplicates"] or sample.status == "rejected":
        return "nothing new"
    if figures["reissued"]:
        return "1 re-issued payment, 1 exception, nothing posted"
    words = [f"check {figures['payments_total']}", f"posted {figures['posted']}"]
    extras = {
        "unapplied": "unapplied",
        "provider_adjustments": "PLB",
        "denied_amount": "denied",
    }
    words += [f"{word} {figures[key]}" for key, word in extras.items() if figures[key] != "0.00"]
    return ", ".join(words)


def write(folder: Path = FOLDER) -> None:
    """Write every file, and remove EDI and JSON files that are no longer part of the month."""
    folder.mkdir(exist_ok=True)
    texts = documents()
    for old in [*folder.glob("*.edi"), *folder.glob("*.json")]:
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="ascii", newline="")


if __name__ == "__main__":
    write()

"""medcollect.toml: found, checked, and what its errors say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from medcollect.errors import NotReadable, SettingsInvalid
from medcollect.model.policies import Policies, by_policy, first_rule, split_policy
from medcollect.settings import find_settings, read_settings
from medcollect.settings.form import SettingsFile

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"

EVERYTHING = """\
unmatched = "hold"

[posting]
automatic = "confident"
confidence = 95

[[posting.payers]]  # one that is looked at by hand
name = "by hand"
payer = "Plainfield Mutual*"
automatic = "none"
since = 2026-01-01
until = 2026-06-30

[[adjustments]]
group = "CO"
reason = "197"
effect = "write_off"

[write_off]
without_notice = false
limit = 250

[small_balance]
per_claim = "5.00"
per_patient = 9.99
after = "first_answer"
approval = false
since = 2026-02-01

[waiting]
first_answer_days = 20

[[waiting.payers]]
payer = "*"
days = 60

[[denials.rules]]
payer = "Plainfield*"
reasons = ["197", "198"]
next_action = "call_payer"

[[denials.limits]]
payer = "Plainfield*"
step = "appeal"
amount = 90

[denials.work]
cost = 30
urgency_7_days = 2.5
urgency_14_days = "2"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "medcollect.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(folder: Path, text: str) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(write(folder, text))
    return caught.value.message


# -- where it is -----------------------------------------------------------------------------


def test_the_file_beside_the_book_is_found(tmp_path: Path) -> None:
    assert find_settings(None, f"sqlite:///{tmp_path}/book.db") is None
    path = write(tmp_path, "")
    assert find_settings(None, f"sqlite:///{tmp_path}/book.db") == path


def test_a_book_on_a_server_has_its_file_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "")
    assert find_settings(None, "postgresql://office@server/book") == Path("medcollect.toml")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    named = tmp_path / "office.toml"
    assert find_settings(named, "sqlite:///book.db") == named
    with pytest.raises(NotReadable, match="cannot be read"):
        read_settings(named)


# -- what it says ----------------------------------------------------------------------------


def test_without_a_file_the_defaults_hold() -> None:
    found = read_settings(None)
    assert found.policies == Policies()
    assert {key.source for key in found.keys} == {"default"}


def test_every_key_is_taken_over(tmp_path: Path) -> None:
    found = read_settings(write(tmp_path, EVERYTHING)).policies
    by_hand, everyone = found.automatic
    assert (by_hand.name, by_hand.automatic, by_hand.until) == (
        "by hand",
        "none",
        date(2026, 6, 30),
    )
    assert (everyone.payer, everyone.automatic, everyone.confidence) == ("*", "confident", 95)
    (rule,) = found.adjustments
    assert (rule.name, rule.payer, rule.effect) == ("adjustments.1", "*", "write_off")
    assert (found.write_off_without_notice, found.write_off_limit_cents) == (False, 25_000)
    small = found.small_balance
    assert (small.per_claim_cents, small.per_patient_cents) == (500, 999)
    assert (small.after, small.approval, small.since) == ("first_answer", False, date(2026, 2, 1))
    assert found.waiting.days_for("ANY", 1, None) == 60
    assert found.unmatched == "hold"
    (refused,) = found.denials.rules
    assert (refused.name, refused.reasons) == ("denials.rules.1", ("197", "198"))
    (limit,) = found.denials.limits
    assert (limit.step, limit.amount, limit.unit, limit.counted_from) == (
        "appeal",
        90,
        "days",
        "decision",
    )
    assert found.denials.work.cost_cents == 3000
    assert found.denials.work.urgency == ((7, 25), (14, 20), (30, 12))


def test_each_value_says_where_it_comes_from(tmp_path: Path) -> None:
    keys = {key.key: key for key in read_settings(write(tmp_path, EVERYTHING)).keys}
    assert keys["posting.payers.1.payer"].source == "medcollect.toml, line 9"
    assert keys["small_balance.per_patient"].value == "9.99"
    assert keys["small_balance.per_patient"].source == "medcollect.toml, line 25"
    assert keys["waiting.next_payer_days"].source == "default"


# -- what it may not say ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('unmatched = "close"', "line 1: unmatched: it must be 'open' or 'hold'"),
        ("colour = 3", "line 1: colour: there is no such key; there are unmatched, posting"),
        (
            '[[posting.payers]]\npayer = "A"\n\n[[posting.payers]]\nautomatic = "none"',
            "line 4: posting.payers.2.payer: it is missing",
        ),
        ("[small_balance]\nper_claim = 100.01", "line 2: small_balance.per_claim: it must be less"),
        ("[small_balance]\nper_claim = 1.005", "per_claim: it must be an amount such as"),
        ('[small_balance]\nper_claim = "-1"', "per_claim: it must be an amount such as"),
        ("[waiting]\nnext_payer_days = 0", "line 2: waiting.next_payer_days: it must be greater"),
        ("[waiting]\n\nnext_payer = 40", "line 3: waiting.next_payer: there is no such key"),
        ("[posting]\nconfidence = 50", "line 2: posting.confidence: it must be greater"),
        ('[[adjustments]]\npayer = "**"\ngroup = "CO"', "adjustments.1.payer: String should match"),
        (
            '[[denials.rules]]\nreasons = ["197"]',
            "line 1: denials.rules.1: the rule changes nothing; give one of category, next_action",
        ),
        (
            '[[denials.rules]]\nreasons = ["197"]\nnext_action = "shout"',
            "line 3: denials.rules.1.next_action: it must be one of appeal, attach_records",
        ),
        (
            '[[denials.rules]]\nreasons = ["CO-197"]\nnext_action = "appeal"',
            "line 2: denials.rules.1.reasons.1: String should match",
        ),
        (
            '[[denials.rules]]\ngroups = ["CO"]\nnext_action = "bill_patient"',
            "denials.rules.1: only the payer makes an amount the patient's",
        ),
        (
            '[[denials.limits]]\npayer = "A"\nstep = "appeal"\namount = 0',
            "line 4: denials.limits.1.amount: it must be greater",
        ),
        (
            '[[denials.limits]]\npayer = "A"\nstep = "third"\namount = 3',
            "line 3: denials.limits.1.step: it must be 'timely_filing', 'corrected_claim'",
        ),
        (
            "[denials.work]\nurgency_7_days = 0.5",
            "line 2: denials.work.urgency_7_days: it must be a number from 1 to 10 such as",
        ),
        ("[denials.work]\nurgency_30_days = 10.1", "urgency_30_days: it must be a number from 1"),
        ("[denials.work]\nurgency_7_days = 1.65", "urgency_7_days: it must be a number from 1"),
        (
            "[denials.work]\nurgency_30_days = 2",
            "denials.work: a nearer limit cannot count less: urgency_7_days >= urgency_14_days",
        ),
        ("[posting\n", "line 1: Expected ']' at the end of a table declaration"),
    ],
)  # fmt: skip
def test_an_error_names_key_line_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    assert said in problem(tmp_path, text)


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    told = problem(tmp_path, 'unmatched = "x"\n[waiting]\nfirst_answer_days = 0')
    assert "line 1" in told
    assert "line 3" in told


@pytest.mark.parametrize("group", ["CO", "PI", "OA"])
def test_no_rule_makes_the_practices_amount_the_patients(tmp_path: Path, group: str) -> None:
    """Only the payer says what the patient bears (group PR)."""
    text = f'[[adjustments]]\ngroup = "{group}"\nreason = "45"\neffect = "patient"'
    assert f"effect of group {group} must be one of write_off" in problem(tmp_path, text)


def test_a_rule_cannot_end_before_it_begins(tmp_path: Path) -> None:
    days = "since = 2026-02-01\nuntil = 2026-01-01"
    text = f'[[waiting.payers]]\npayer = "A"\ndays = 3\n{days}'
    assert "until must not be before since" in problem(tmp_path, text)


# -- whom a rule concerns --------------------------------------------------------------------


def test_rules_name_payers_in_any_spelling_and_days_of_payment(tmp_path: Path) -> None:
    (by_hand, _) = read_settings(write(tmp_path, EVERYTHING)).policies.automatic
    assert by_hand.concerns("PLAINFIELD MUTUAL HEALTH, INC.", date(2026, 6, 30))
    assert not by_hand.concerns("PLAINFIELD MUTUAL HEALTH", date(2026, 7, 1))
    assert not by_hand.concerns("PLAINFIELD MUTUAL HEALTH", None)
    assert not by_hand.concerns("HARBOR BENEFIT FUND", date(2026, 3, 1))
    rules = read_settings(write(tmp_path, EVERYTHING)).policies.automatic
    found = first_rule(rules, "HARBOR BENEFIT FUND", None)
    assert found is not None
    assert found.name == "posting"


def test_a_detail_carries_its_policy() -> None:
    assert split_policy(by_policy("CO-197", "my rule")) == ("CO-197", "my rule")
    assert split_policy(by_policy("CO-45", "")) == ("CO-45", "")


# -- the page about it -----------------------------------------------------------------------


def documented_keys(model: type, before: str = "") -> list[str]:
    from medcollect.settings.reading import _model_of

    keys: list[str] = []
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        inner = _model_of(field.annotation)
        keys += documented_keys(inner, f"{before}{name}.") if inner else [f"{before}{name}"]
    return keys


def test_every_key_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    missing = [key for key in documented_keys(SettingsFile) if f"`{key}`" not in text]
    assert missing == []


def test_the_example_of_the_page_is_a_valid_file(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        read_settings(write(tmp_path, example))

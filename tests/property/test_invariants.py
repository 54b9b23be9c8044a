"""The invariants of money (DESIGN section 6.1) over generated practices and their payers.

An office is a generated world as files (claims, answers, reversals, later payers, provider
adjustments, splits), often with trouble added: a check that does not add up, a claim payment that
does not prove, the same transaction in another file, a payment sent again with other content, a
payment that comes in two transactions, a later payer's answer to nothing on file.

``MEDCOLLECT_EXAMPLES=10`` runs ten times as many examples, at random; without it every run sees
the same ones. Number 7 of the invariants is :mod:`tests.flows.test_kill`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import medcollect
from medcollect.errors import NotAllowed
from tests.support.book_state import State, differences, proofs_of, rows_of, state_of
from tests.support.builder import Envelope, build_835, build_837
from tests.support.choices import Choices, SeededChoices
from tests.support.generate import World, make_world, seeded_world, worlds
from tests.support.specs import ProviderAdjustment, Remit

T = TypeVar("T")

_TIMES = int(os.environ.get("MEDCOLLECT_EXAMPLES", "0"))
FIGURES = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")


def examples(count: int) -> Callable[[T], T]:
    """Hypothesis settings: so many examples, the same on every run unless more are asked for.

    Offices come from seeds, and smaller seeds make no simpler offices: no shrinking.
    """
    return settings(
        phases=(Phase.explicit, Phase.generate),
        max_examples=count * (_TIMES or 1),
        derandomize=not _TIMES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


# -- offices --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """Files in the order they were made. ``reissued``: a payment comes again with other content,
    so that the first one to arrive stands and the order matters by design."""

    files: tuple[str, ...]
    reissued: bool = False


def make_office(seed: int, *, reissues: bool = True) -> Office:
    """The office of a seed: a world, with or without its claims, in many files or in few."""
    choices = SeededChoices(seed)
    world = make_world(choices)
    remits, extra, reissued = _trouble(choices, world, reissues=reissues)
    claims = [] if choices.one_in(3) else _claim_texts(choices, world)
    if remits and choices.one_in(4):
        remits = [[remit for file in remits for remit in file]]
    answers = [
        build_835(file, Envelope(day=file[0].day, control=500 + number))
        for number, file in enumerate(remits)
    ]
    return Office((*claims, *answers, *extra), reissued)


def _claim_texts(choices: Choices, world: World) -> list[str]:
    """A file for each claim, or one for all; sometimes a file is sent again in a new envelope."""
    if choices.one_in(3):
        return [build_837(world.claims, Envelope("CEDARHOLLOW", "CLEARHOUSE01", control=100))]
    texts = world.claim_files()
    if choices.one_in(4):
        again = Envelope("CEDARHOLLOW", "CLEARHOUSE02", control=777)
        texts.append(build_837(world.claims[:1], again))
    return texts


def _trouble(
    choices: Choices, world: World, *, reissues: bool
) -> tuple[list[list[Remit]], list[str], bool]:
    """The world's remits by file with trouble worked in, files besides, whether re-issued."""
    remits = [[remit] for remit in world.remits]
    again: list[list[Remit]] = []
    changed: list[list[Remit]] = []
    for _ in range(choices.whole(0, 2) if remits else 0):
        place = choices.whole(0, len(remits) - 1)
        kind = choices.whole(0, 6 if reissues else 5)
        file = remits[place]
        if kind == 0:
            file[0] = _unbalanced(file[0], choices.whole(1, 5000))
        elif kind == 1:
            file[0] = _with_broken_payment(file[0], choices.whole(1, 500))
        elif kind == 2:
            again.append(file)
        elif kind == 3:
            file[:] = [*_in_two_transactions(file[0]), *file[1:]]
        elif kind == 4:
            remits.append([_stranger(file[0], choices.whole(0, 3))])
        elif kind == 5:
            file[0] = _with_adjustment(file[0], choices.whole(0, 3))
        else:
            changed.append(file)
    extra = [build_835(file, Envelope("OTHERHOUSE", control=31)) for file in again]
    extra += [build_835([_reissue(r) for r in f], Envelope(control=77)) for f in changed]
    return remits, extra, bool(changed)


def _unbalanced(remit: Remit, cents: int) -> Remit:
    """The check is not what the claims and adjustments add up to."""
    return replace(remit, amount=remit.payment + cents)


def _with_broken_payment(remit: Remit, cents: int) -> Remit:
    """One claim payment pays more than its charge less its adjustments; the check is right."""
    first, *others = remit.answers
    return replace(remit, answers=(replace(first, paid=first.paid + cents), *others))


def _in_two_transactions(remit: Remit) -> list[Remit]:
    """A payment whose claims come in two transactions, each repeating the whole check."""
    if len(remit.answers) < 2:
        return [remit]
    whole = remit.payment
    first = replace(remit, answers=remit.answers[:1], provider_adjustments=(), amount=whole)
    return [first, replace(remit, answers=remit.answers[1:], amount=whole)]


def _stranger(remit: Remit, kind: int) -> Remit:
    """An answer to a claim that is not on file: first, later or reversed, or all one knows."""
    answer = remit.answers[0]
    sign = -1 if kind == 2 else 1
    services = tuple(
        replace(s, charge=sign * abs(s.charge), paid=sign * abs(s.charge), cas=(), control="")
        for s in answer.services
    )
    charge = sum(s.charge for s in services) or sign * abs(answer.charge)
    stranger = replace(
        answer,
        number=f"ELSE{kind}",
        status=("1", "2", "22", "4")[kind],
        charge=charge,
        paid=charge,
        responsibility=0 if kind != 2 else None,
        services=services,
        cas=(),
        control_number=f"ZZ{remit.trace}{kind}",
    )
    day = date(2026, 9, 1)
    return Remit(remit.payer, f"ST{remit.trace}{kind}", day, (stranger,))


def _with_adjustment(remit: Remit, kind: int) -> Remit:
    """One more provider adjustment, some of a kind that a person must look at."""
    code = ("72", "CS", "L6", "J1")[kind]
    item = ProviderAdjustment(code, "REF001", (1250, -800, -35, 401)[kind])
    return replace(remit, provider_adjustments=(*remit.provider_adjustments, item))


def _reissue(remit: Remit) -> Remit:
    """The same payment with other content: one answer has another remark."""
    first, *others = remit.answers
    return replace(remit, answers=(replace(first, remarks=("MA01",)), *others))


def offices(*, reissues: bool = True) -> st.SearchStrategy[Office]:
    """Offices by seed."""
    return st.integers(0, 10**9).map(lambda seed: make_office(seed, reissues=reissues))


any_world = st.one_of(worlds(), st.integers(0, 10**9).map(seeded_world))


# -- books ----------------------------------------------------------------------------------


@cache
def empty_book() -> bytes:
    """The bytes of a new book: making one by its migrations for every example would be slow."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.db"
        medcollect.open_book(f"sqlite:///{path}").close()
        return path.read_bytes()


class Desk:
    """A folder with the files of an office and any number of fresh books."""

    def __init__(self, folder: Path, texts: Sequence[str]) -> None:
        self.folder = folder
        self.paths = [folder / f"{number:03d}.edi" for number in range(len(texts))]
        for path, text in zip(self.paths, texts, strict=True):
            path.write_text(text)
        self._books = 0

    def new_book(self) -> Path:
        self._books += 1
        path = self.folder / f"book{self._books}.db"
        path.write_bytes(empty_book())
        return path

    def imported(self, *commands: Sequence[int]) -> tuple[Path, list[str]]:
        """A fresh book after these import commands (files by number), and the imports' ids."""
        path = self.new_book()
        return path, [self.add(path, command) for command in commands]

    def add(self, book: Path, command: Sequence[int]) -> str:
        """Import files by number; returns the import's id."""
        with opened(book) as door:
            return str(door.import_files([self.paths[n] for n in command])["import"])

    def state(self, *commands: Sequence[int]) -> State:
        """What a fresh book says after these import commands."""
        return state_of(self.imported(*commands)[0])


def opened(book: Path) -> Any:
    return medcollect.open_book(f"sqlite:///{book}")


@contextmanager
def desk_of(texts: Sequence[str]) -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp())
    try:
        yield Desk(folder, texts)
    finally:
        shutil.rmtree(folder)


def cents(text: str) -> int:
    return int(text.replace(".", ""))


# -- the properties -------------------------------------------------------------------------


@examples(90)
@given(any_world)
def test_every_claim_ends_where_its_payers_left_it(world: World) -> None:
    """Claims and answers of all payers, oldest first: the figures of the truth, nothing waiting,
    and every proof holds."""
    texts = [*world.claim_files(), *world.remit_files()]
    with desk_of(texts) as desk:
        book, _ = desk.imported(range(len(texts)))
        assert proofs_of(book) == {}
        with opened(book) as door:
            for number, truth in world.truth.items():
                view = door.claim(number)
                found = {name: cents(view[name]) for name in (*FIGURES, "charge", "patient_paid")}
                assert found == vars(truth), number
            assert door.exceptions()["exceptions"] == []
            rows = door.remittances(limit=100)["remittances"]
        assert {row["trace_number"]: cents(row["payment"]) for row in rows} == world.payments
        assert {row["unapplied"] for row in rows} <= {"0.00"}


@examples(60)
@given(offices())
def test_every_cent_is_posted_or_explained(office: Office) -> None:
    """Numbers 1, 2, 3 and 6 after every single import, and after undoing every other one."""
    with desk_of(office.files) as desk:
        book, imports = desk.imported(*([n] for n in range(len(office.files))))
        assert proofs_of(book) == {}
        for identifier in imports[::2]:
            with opened(book) as door:
                door.undo(identifier)
            assert proofs_of(book) == {}


@examples(40)
@given(offices())
def test_all_doors_tell_the_same_figures(office: Office) -> None:
    """charge = paid + written off + patient + open - payer credit, in claim, report and balance;
    an account is the sum of its claims."""
    with desk_of(office.files) as desk:
        book, _ = desk.imported(range(len(office.files)))
        with opened(book) as door:
            rows = door.report("claims")["rows"]
            listed = {c["id"]: c for c in door.claims(limit=1000)["claims"]}
            views = {i: door.claim(i) for i in listed}
            accounts = {v["account"]: door.balance(v["account"]) for v in views.values()}
    assert len(rows) == len(listed)
    for view in (*views.values(), *listed.values(), *rows, *accounts.values()):
        explained = sum(cents(view[name]) for name in FIGURES) - cents(view["payer_credit"])
        assert explained == cents(view["charge"])
    shared = (*FIGURES, "charge", "payer_credit", "patient_paid")
    told = sorted(tuple(v[n] for n in shared) for v in views.values())
    assert told == sorted(tuple(r[n] for n in shared) for r in rows)
    for account, balance in accounts.items():
        mine = [v for v in views.values() if v["account"] == account]
        for name in (*shared, "patient_due", "patient_billable", "credit"):
            assert cents(balance[name]) == sum(cents(v[name]) for v in mine), name


@examples(60)
@given(offices())
def test_import_twice_is_import_once(office: Office) -> None:
    """Nothing in the books changes, and no journal entry is added, by files known already."""
    everything = range(len(office.files))
    with desk_of(office.files) as desk:
        book, _ = desk.imported(everything)
        before = rows_of(book)
        with opened(book) as door:
            answer = door.import_files([desk.paths[n] for n in reversed(everything)])
        assert rows_of(book) == before
    assert {f["status"] for f in answer["files"]} == {"duplicate"}
    assert (answer["remittances"], answer["claims"], answer["exceptions"]) == (0, 0, 0)
    assert (answer["payments_total"], answer["posted"], answer["unapplied"]) == ("0.00",) * 3


@st.composite
def shuffled(draw: Callable[[st.SearchStrategy[T]], T], count: int) -> list[list[int]]:
    """The numbers below count in any order, cut into any import commands."""
    order = draw(st.permutations(range(count)))
    cuts = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    commands: list[list[int]] = [[]]
    for number, cut in zip(order, cuts, strict=True):
        if cut and commands[-1]:
            commands.append([])
        commands[-1].append(number)
    return commands


@pytest.mark.parametrize("part", [1, 2])
@examples(70)
@given(st.integers(0, 10**9), st.data())
def test_any_order_of_files_gives_the_same(part: int, seed: int, data: st.DataObject) -> None:
    """Balances per claim, account and remittance, open exceptions and denials do not depend on
    the order of the files, nor on how many commands bring them."""
    office = make_office(2 * seed + part, reissues=False)
    with desk_of(office.files) as desk:
        commands = data.draw(shuffled(len(office.files)))
        first = desk.state(range(len(office.files)))
        assert differences(first, desk.state(*commands)) == {}


@pytest.mark.parametrize("part", [1, 2])
@examples(60)
@given(st.integers(0, 10**9), st.data())
def test_undo_leaves_what_the_remaining_files_give(
    part: int, seed: int, data: st.DataObject
) -> None:
    """Undoing any imports, in any order, is as if they had never been; a duplicate or re-issued
    transaction steps in. Importing them again is as if they had come last."""
    office = make_office(2 * seed + part)
    numbers = range(len(office.files))
    with desk_of(office.files) as desk:
        commands = data.draw(shuffled(len(office.files)))
        gone = data.draw(st.lists(st.sampled_from(range(len(commands))), unique=True, min_size=1))
        book, imports = desk.imported(*commands)
        for number in gone:
            with opened(book) as door:
                door.undo(imports[number])
        assert proofs_of(book) == {}
        left = [command for n, command in enumerate(commands) if n not in gone]
        assert differences(desk.state(*left), state_of(book)) == {}
        for number in gone:
            desk.add(book, commands[number])
        again = [*left, *(commands[number] for number in gone)]
        assert proofs_of(book) == {}
        assert differences(desk.state(*again), state_of(book)) == {}
        if not office.reissued:
            assert differences(desk.state(numbers), state_of(book)) == {}


@examples(40)
@given(offices(), st.data())
def test_taking_back_a_remittance_or_a_payment(office: Office, data: st.DataObject) -> None:
    """A remittance taken back proves and comes again with its file; a claim payment taken back
    stands in unapplied with its exception, until that decision is undone."""
    with desk_of(office.files) as desk:
        book, _ = desk.imported(range(len(office.files)))
        before = state_of(book)
        with opened(book) as door:
            found = [
                payment["id"]
                for row in door.remittances(limit=100)["remittances"]
                for payment in door.remittance(row["id"])["payments"]
                if payment["outcome"] == "posted"
            ]
            if found:
                door.undo(data.draw(st.sampled_from(found)), reason="wrong patient", user="kim")
        assert proofs_of(book) == {}
        if found:
            with opened(book) as door:
                door.undo("D000001")
            assert differences(before, state_of(book)) == {}
        with opened(book) as door:
            active = [
                row["id"]
                for row in door.remittances(limit=100)["remittances"]
                if row["status"] not in {"undone", "reissued"}
            ]
            if active:
                door.undo(data.draw(st.sampled_from(active)))
        assert proofs_of(book) == {}
        if not office.reissued:
            desk.add(book, range(len(office.files)))
            assert differences(before, state_of(book)) == {}


@examples(60)
@given(offices(reissues=False), st.data())
def test_decisions_hold_an_undo_up_or_go_with_it(office: Office, data: st.DataObject) -> None:
    """After a person settled an exception, undo of the payment's import refuses; told to take
    decisions along it leaves what the other files give; undoing the decision alone gives what
    was before."""
    numbers = range(len(office.files))
    with desk_of(office.files) as desk:
        book, imports = desk.imported(*([n] for n in numbers))
        before = state_of(book)
        choice = _decide(book, data)
        if choice is None:
            return
        exception, decision = choice
        assert proofs_of(book) == {}
        decided = state_of(book)
        if data.draw(st.booleans(), label="take the decision back"):
            with opened(book) as door:
                door.undo(decision)
            assert differences(before, state_of(book)) == {}
            return
        known_twice = data.draw(st.booleans(), label="import everything again")
        if known_twice:
            desk.add(book, numbers)
            assert differences(decided, state_of(book)) == {}
        with opened(book) as door:
            owner = _import_of(door, exception)
            with pytest.raises(NotAllowed, match=decision):
                door.undo(owner)
        assert differences(decided, state_of(book)) == {}
        with opened(book) as door:
            assert door.undo(owner, with_decisions=True)["decisions_taken_along"] == [decision]
        assert proofs_of(book) == {}
        left = numbers if known_twice else [n for n in numbers if imports[n] != owner]
        assert differences(desk.state(left), state_of(book)) == {}


def _decide(book: Path, data: st.DataObject) -> tuple[dict[str, Any], str] | None:
    """Settle one open exception in one of the ways it allows."""
    with opened(book) as door:
        rows = [r for r in door.exceptions()["exceptions"] if r["actions"]]
        if not rows:
            return None
        row = data.draw(st.sampled_from(rows), label="exception")
        action = data.draw(st.sampled_from(row["actions"]), label="action")
        ways: dict[str, Any] = {action: True}
        if action == "to":
            listed = [claim["id"] for claim in door.claims(limit=100)["claims"]]
            if not listed:
                return None
            ways = {"to": data.draw(st.sampled_from(listed), label="claim")}
        answer = door.resolve(row["id"], **ways, reason="looked it up", user="kim")
    return row, str(answer["decision"])


def _import_of(door: Any, exception: dict[str, Any]) -> str:
    """The import that brought the remittance of an exception."""
    return str(door.remittance(exception["remittance"])["import"])


# -- patient payments -----------------------------------------------------------------------


class PayingDesk(Desk):
    """A desk whose later files are tables of patient payments, each with one row."""

    def __init__(self, folder: Path, texts: Sequence[str], tables: Sequence[str]) -> None:
        super().__init__(folder, [*texts, *tables])
        self._tables = len(texts)

    def add(self, book: Path, command: Sequence[int]) -> str:
        """Import a file or a table by its number."""
        (number,) = command
        if number < self._tables:
            return super().add(book, command)
        with opened(book) as door:
            return str(door.import_payments(self.paths[number], user="kim")["import"])


def payment_tables(choices: Choices, world: World) -> list[str]:
    """Patients' payments for claims of a world: copays, whole shares, too much, for nobody."""
    numbers = [*world.truth, "NOBODY1"]
    tables = []
    for place in range(choices.whole(1, 5)):
        number = numbers[choices.whole(0, len(numbers) - 1)]
        truth = world.truth.get(number)
        owed = [truth.patient_responsibility, truth.patient_paid] if truth is not None else []
        amounts = [c for c in (*owed, 1234, 2000) if c > 0]
        amount = amounts[choices.whole(0, len(amounts) - 1)]
        day = date(2026, choices.whole(1, 9), choices.whole(1, 28))
        row = f"{number},{amount / 100:.2f},{day},R{place}"
        tables.append(f"claim,amount,date,reference\n{row}\n")
    return tables


@pytest.mark.parametrize("part", [1, 2])
@examples(20)
@given(st.integers(0, 10**9), st.data())
def test_patient_payments_and_files_in_any_order(part: int, seed: int, data: st.DataObject) -> None:
    """Payments before their claims, between answers and after them give the same book; undoing
    any of it leaves what the rest gives; every proof holds on the way."""
    choices = SeededChoices(2 * seed + part)
    world = make_world(choices)
    texts = [*world.claim_files(), *world.remit_files()]
    folder = Path(tempfile.mkdtemp())
    try:
        desk = PayingDesk(folder, texts, payment_tables(choices, world))
        numbers = range(len(desk.paths))
        order = data.draw(st.permutations(numbers))
        gone = data.draw(st.lists(st.sampled_from(numbers), unique=True, max_size=3))
        book, imports = desk.imported(*([n] for n in order))
        assert proofs_of(book) == {}
        assert differences(desk.state(*([n] for n in numbers)), state_of(book)) == {}
        for number in gone:
            with opened(book) as door:
                door.undo(imports[order.index(number)])
            assert proofs_of(book) == {}
        left = [[n] for n in order if n not in gone]
        assert differences(desk.state(*left), state_of(book)) == {}
    finally:
        shutil.rmtree(folder)

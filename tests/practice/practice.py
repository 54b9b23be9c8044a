"""The whole practice as files and as truth: the same seed gives the same bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from tests.practice.mail import PRACTICES, Check, checks
from tests.practice.stories import Filing, Story, Truth, tell
from tests.practice.strangers import strangers
from tests.practice.visits import Calendar
from tests.support.builder import Envelope, build_835, build_837


@dataclass
class Practice:
    """What happened, and what was sent: the 837s, and the checks with the truth behind them.

    ``sent`` tells, for each claim file written, which visits its claims are for, in order.
    """

    stories: dict[int, Story]
    checks: list[Check]
    filings: list[Filing]
    sent: dict[str, list[int]] = field(default_factory=dict)

    def truths(self) -> dict[int, Truth]:
        """What the books must say, by visit."""
        return {key: story.truth() for key, story in self.stories.items()}

    def write(self, folder: Path) -> list[Path]:
        """Every file in the order in which it arrives."""
        arrivals = [*self._claim_files(), *self._remit_files()]
        paths = []
        for place, (_, text, visits) in enumerate(sorted(arrivals, key=lambda item: item[0]), 1):
            path = folder / f"{place:05d}.edi"
            path.write_text(text, encoding="ascii", newline="")
            paths.append(path)
            if visits:
                self.sent[path.name] = visits
        return paths

    def _claim_files(self) -> Iterator[tuple[date, str, list[int]]]:
        """One 837 per practice, form and week; every eleventh comes weeks late."""
        piles: dict[tuple[date, str, str], list[Filing]] = defaultdict(list)
        for filing in self.filings:
            week = filing.day + timedelta(days=7 - filing.day.isoweekday())
            piles[week, filing.practice, filing.claim.form].append(filing)
        for control, ((week, practice, _), pile) in enumerate(sorted(piles.items()), 1):
            envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=week, control=control)
            claims = [filing.claim for filing in pile]
            late = timedelta(days=45 if control % 11 == 0 else 0)
            visits = [filing.visit for filing in pile]
            yield week + late, build_837(claims, envelope, PRACTICES[practice]), visits

    def _remit_files(self) -> Iterator[tuple[date, str, list[int]]]:
        """One 835 per payer and day with the checks of both practices; some come twice."""
        piles: dict[tuple[date, str], list[Check]] = defaultdict(list)
        for check in self.checks:
            piles[check.remit.day, check.remit.payer.id].append(check)
        for control, ((day, _), pile) in enumerate(sorted(piles.items()), 5000):
            remits = [check.remit for check in pile]
            yield day, build_835(remits, Envelope(day=day, control=control)), []
            for check in pile:
                if check.copies > 1:
                    envelope = Envelope(day=day, control=control + 40000)
                    yield day + timedelta(days=9), build_835([check.remit], envelope), []
                if check.reissued is not None:
                    envelope = Envelope(day=day, control=control + 60000)
                    yield day + timedelta(days=12), build_835([check.reissued], envelope), []


def make_practice(seed: int, claims: int) -> Practice:
    """A practice of so many claims over two years."""
    random = Random(seed)
    calendar = Calendar(random, claims)
    stories = {visit.key: tell(random, visit) for visit in calendar.visits()}
    events = [event for story in stories.values() for event in story.events]
    events += strangers(random, calendar.town.patients, max(claims // 150, 6))
    filings = [filing for story in stories.values() for filing in story.filings]
    return Practice(stories, checks(random, events), filings)

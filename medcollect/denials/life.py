"""The life of a denial: its state from what people did and what later answers say.

Everything is put in order by its day (an answer before a step of the same day), so that it does not
matter in which order files came or steps were entered. An answer that refuses again after something
was sent answers that sending; one that pays overturns (appeals.md sections 3 and 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import msgspec

from medcollect.denials.ladder import ANSWERED_AT
from medcollect.model.casework import ENDED, RESULTS, Moment

#: States in which the payer has something of ours to answer.
_SENT: Final = frozenset({"corrected", "appealed"})

#: States in which somebody else is to act first.
_RESTING: Final = frozenset({"waiting", *_SENT})

#: How an appeal ends that leaves something to take to the next level.
_LEFT_REFUSED: Final = frozenset({"upheld", "overturned_in_part"})

#: What makes a later refusal a decision of its own: the claim went again, or was judged otherwise.
#: An appeal does not: what follows it is the next level, from its own decision.
_ANEW: Final = frozenset({"correct", "resent", "taken_back", "paid", "answered"})

#: What was done, as outcomes are counted by.
_ACTIONS: Final = {"appeal": "appeal", "correct": "correct", "resent": "correct"}

#: Why a case is closed whose amounts the books no longer hold open, by what the books call them.
_CLOSED_BY: Final = {
    "settled": "Another payer's answer settled it.",
    "written_off": "It was written off.",
    "notice": "The patient signed a notice before and owes it.",
    "withdrawn": "Nothing of it is open any more.",
}


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How one try ended: what was done (``none`` where nothing was), at which level, and when.

    ``won_cents`` of ``refused_cents`` came or is to come; ``days`` is how long the payer took,
    ``None`` where nothing was sent; ``minutes`` what people said that their work took, 0: nothing.
    """

    action: str
    level: int
    result: str
    day: date
    days: int | None
    refused_cents: int
    won_cents: int
    minutes: int = 0


class CaseLife(msgspec.Struct):
    """Where a case stands, and how it came there; ``states`` holds the state after each moment.

    ``lost_level`` is that of the last appeal that left something refused, decided on ``lost_on``.
    ``refused_since`` is the day of the refusal that stands, however often the payer repeated it;
    with ``judged_anew`` the next refusal is a new one, not a repeated one.
    """

    state: str = "new"
    why: str = ""
    owner: str = ""
    follow_up: date | None = None
    waiting_for: str = ""
    waiting_until: date | None = None
    level: int = 0
    refused_cents: int = 0
    won_cents: int = 0
    moments: list[Moment] = []
    states: list[str] = []
    outcomes: list[Outcome] = []
    decided: dict[str, date] = {}
    sent: Moment | None = None
    minutes: int = 0
    lost_level: int = 0
    lost_on: date | None = None
    refused_since: date | None = None
    judged_anew: bool = True
    before_write_off: tuple[str, date | None] = ("in_work", None)

    def is_due(self, today: date) -> bool:
        """Whether somebody is to look at it again: the day waited for, or to follow up, is here."""
        days = [day for day in (self.follow_up, self.waiting_until) if day is not None]
        return any(day <= today for day in days)

    def rests_since(self) -> date | None:
        """Since when it has been in a state in which somebody else is to act first."""
        begin = self._begin()
        return self.moments[begin].day if self.state in _RESTING and self.moments else None

    def rests_until(self, days: int) -> date | None:
        """When somebody is to look at it again; ``None``: there is something to do already.

        ``days`` after it began to wait, where no day was said since; never once it has ended.
        """
        if self.state in ENDED:
            return date.max
        since = self.rests_since()
        if since is None:
            return self.follow_up
        said = [m.details.follow_up for m in self.moments[self._begin() :]]
        named = [day for day in (*said[::-1], None) if day is not None][:1]
        named += [self.waiting_until] if self.waiting_until is not None else []
        return min(named, default=since + timedelta(days=days))

    @property
    def limit_counts(self) -> bool:
        """Whether the time limit of the next step still runs: nothing was sent, nothing ended."""
        return self.sent is None and self.state not in ENDED

    def _begin(self) -> int:
        """The place of the moment that led to the state in which it is."""
        others = [place for place, state in enumerate(self.states) if state != self.state]
        return min(others[-1] + 1, len(self.states) - 1) if others else 0


def life_of(
    moments: Iterable[Moment],
    *,
    open_cents: int,
    statuses: Iterable[str] = (),
) -> CaseLife:
    """Put a case's moments in order and say where it stands.

    ``open_cents`` is what the books still hold open of it, ``statuses`` what they call its amounts.
    """
    case = CaseLife(moments=[], states=[], outcomes=[], decided={})
    for moment in sorted(moments, key=_order):
        case.minutes += moment.details.minutes
        _APPLY[moment.kind](case, moment)
        case.judged_anew |= moment.kind in _ANEW
        _note_dates(case, moment)
        case.moments.append(moment)
        case.states.append(case.state)
    _close_by_books(case, open_cents, set(statuses))
    return case


def _order(moment: Moment) -> tuple[date, bool, int, int]:
    return (moment.day, bool(moment.id), moment.id, moment.claim_payment or 0)


def _note_dates(case: CaseLife, moment: Moment) -> None:
    """A step's follow-up stands until another step gives one, or the case has ended."""
    if case.state in ENDED:
        case.follow_up = None
    elif moment.details.follow_up is not None:
        case.follow_up = moment.details.follow_up
    if case.state != "waiting":
        case.waiting_for, case.waiting_until = "", None


def _close_by_books(case: CaseLife, open_cents: int, statuses: set[str]) -> None:
    """What the books hold open of a case decides, unless its life says how it ended."""
    posted = any(moment.decision for moment in case.moments)
    if case.state == "written_off" and open_cents > 0 and posted:
        _goes_on(case)
    if open_cents > 0 or not statuses or case.state in {*ENDED, "overturned_in_part"}:
        return
    case.state = "closed"
    case.why = next(why for status, why in _CLOSED_BY.items() if status in {*statuses, "withdrawn"})


def _goes_on(case: CaseLife) -> None:
    """Only a part was written off: what remains stands as it did, with the payer or in work."""
    state, follow_up = case.before_write_off
    case.state = state if state in _SENT else "in_work"
    case.why = "A part was written off; the rest is open."
    if case.state in _SENT:
        case.follow_up = follow_up
        place = len(case.states)
        while place and case.states[place - 1] == "written_off":
            place -= 1
            case.states[place] = case.state


# -- what answers say -----------------------------------------------------------------------------


def _refused(case: CaseLife, moment: Moment) -> None:
    first = not case.refused_cents
    if case.judged_anew:
        case.refused_since, case.judged_anew = moment.day, False
    case.refused_cents = max(case.refused_cents, moment.cents)
    if first:
        return
    if moment.won_cents > case.won_cents:
        _won(case, moment)
    elif case.sent is not None or case.state in ENDED:
        _end(case, moment, "upheld" if case.sent is not None else "new")
        case.why = "The payer refused it again."


def _paid(case: CaseLife, moment: Moment) -> None:
    _won(case, moment)


def _won(case: CaseLife, moment: Moment) -> None:
    """The payer paid: all of what was refused, or a part."""
    whole = moment.won_cents >= case.refused_cents
    won = min(moment.won_cents, case.refused_cents)
    told = case.outcomes[-1] if case.outcomes and case.sent is None else None
    if told is not None and told.result.startswith("overturned") and not case.won_cents:
        case.outcomes.pop()  # a person said so before the money came: the money counts
        gone = msgspec.structs.replace(told, won_cents=won)
        case.state = "overturned" if whole else "overturned_in_part"
        case.outcomes.append(msgspec.structs.replace(gone, result=case.state))
    else:
        _end(case, moment, "overturned" if whole else "overturned_in_part", won - case.won_cents)
    case.won_cents = won
    case.why = "The payer paid it after all." if whole else "The payer paid a part of it."


def _answered(case: CaseLife, moment: Moment) -> None:
    _end(case, moment, "closed")
    case.why = "The payer judged the claim anew and no longer refuses it for this reason."


def _resent(case: CaseLife, moment: Moment) -> None:
    """A file of ours holds the claim again, corrected."""
    if case.state not in ENDED:
        _stand(case, moment, "corrected")
        case.why, case.sent = "A corrected claim was sent.", moment


def _taken_back(case: CaseLife, _moment: Moment) -> None:
    """What had been won, or settled, is open again."""
    if case.won_cents or case.state in ENDED:
        case.state, case.why = "new", "The payer took its answer back."
        case.won_cents = 0


def _forwarded(case: CaseLife, _moment: Moment) -> None:
    if case.state not in ENDED:
        case.state, case.waiting_for = "waiting", "the next payer"
        case.why = "The payer passed the claim on."


def _nothing(_case: CaseLife, _moment: Moment) -> None:
    """It is on record and changes nothing."""


# -- what people do -------------------------------------------------------------------------------


def _take(case: CaseLife, moment: Moment) -> None:
    case.owner = moment.user
    if case.state in {"new", "upheld", "overturned_in_part"}:
        _stand(case, moment, "in_work")


def _release(case: CaseLife, moment: Moment) -> None:
    case.owner = ""
    if case.state == "in_work":
        _stand(case, moment, "new")


def _assign(case: CaseLife, moment: Moment) -> None:
    case.owner = moment.details.owner


def _wait(case: CaseLife, moment: Moment) -> None:
    _stand(case, moment, "waiting")
    case.waiting_for, case.waiting_until = moment.details.waiting_for, moment.details.until


def _correct(case: CaseLife, moment: Moment) -> None:
    _stand(case, moment, "corrected")
    case.sent = moment


def _appeal(case: CaseLife, moment: Moment) -> None:
    _stand(case, moment, "appealed")
    case.level = moment.details.level or case.level + 1
    case.sent = moment


def _outcome(case: CaseLife, moment: Moment) -> None:
    result = RESULTS[moment.details.result]
    gained = case.refused_cents if result == "overturned" else moment.details.cents
    _end(case, moment, result, gained if result.startswith("overturned") else 0)
    case.why = moment.reason


def _write_off(case: CaseLife, moment: Moment) -> None:
    if case.state != "written_off":
        case.before_write_off = case.state, case.follow_up
    _stand(case, moment, "written_off")


def _reopen(case: CaseLife, moment: Moment) -> None:
    _stand(case, moment, "in_work")
    case.owner = case.owner or moment.user


def _stand(case: CaseLife, moment: Moment, state: str) -> None:
    case.state, case.why = state, moment.reason


def _end(case: CaseLife, moment: Moment, state: str, won_cents: int = 0) -> None:
    """A try has its answer: noted as an outcome, with the date from which the next level counts."""
    sent = case.sent
    level = sent and sent.kind == "appeal" and case.level
    if state != "new" and (sent is not None or state != "closed"):
        case.outcomes.append(
            Outcome(
                action=_ACTIONS[sent.kind] if sent is not None else "none",
                level=level or 0,
                result=state,
                day=moment.day,
                days=(moment.day - sent.day).days if sent is not None else None,
                refused_cents=case.refused_cents,
                won_cents=won_cents,
                minutes=case.minutes,
            )
        )
        case.minutes = 0
    if level:
        case.decided.update(dict.fromkeys(ANSWERED_AT.get(level, ()), moment.day))
        if state in _LEFT_REFUSED:
            case.lost_level, case.lost_on = level, moment.day
    case.state, case.sent = state, None


_APPLY: Final[Mapping[str, Callable[[CaseLife, Moment], None]]] = MappingProxyType(
    {
        "refused": _refused,
        "rejected": _refused,
        "taken_silently": _refused,
        "underpaid": _refused,
        "paid": _paid,
        "answered": _answered,
        "taken_back": _taken_back,
        "forwarded": _forwarded,
        "resent": _resent,
        "duplicate": _nothing,
        "take": _take,
        "release": _release,
        "assign": _assign,
        "note": _nothing,
        "wait": _wait,
        "correct": _correct,
        "appeal": _appeal,
        "outcome": _outcome,
        "write_off": _write_off,
        "reopen": _reopen,
    }
)

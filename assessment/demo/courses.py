"""The course of a made-up project: from the library to its last payment."""
import datetime
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from random import Random

from assessment.demo.books import Books
from assessment.demo.ventures import venture_for
from funds.models import Appropriation, Project
from funds.shares import split
from funds.states import ProjectState, Stage
from households.codes import ACTIVE
from households.models import HouseholdYear, MemberYear
from office.models import Area
from villages.models import VillageYear

RETAINED, ADVANCED = 5, (30, 50)    # percent of a building contract, and of any contract at its beginning


def enter_project(books: Books, money: Appropriation, village: Area, holder: Area, use: str, amount: Decimal,
                   available: datetime.date, *, stops: bool = False, then: Callable[[Project, datetime.date], None] | None = None,
                  ) -> None:
    """A project from the library to its last payment: advance, progress, the rest, and the retention a year later.

    `stops`: nothing after the advance. `then` is told of the project and the day its money was bound.
    """
    rng, last = books.rng, books.programme.end_year
    entered = available + datetime.timedelta(days=rng.randint(1, 5))
    bound = entered + datetime.timedelta(days=rng.randint(3, 12))
    done = rng.random() < 0.75 if available.year == last else True
    facts = finished(bound) if done and not stops else {"progress": 35} if stops else {"progress": rng.randint(60, 90)}
    facts |= _reached(books, village, available.year)
    stages = _stages(amount, venture_for(use).built, rng)

    def begin(day: datetime.date) -> None:
        project = books.project(day, village, use, amount, **facts)
        books.on(bound, lambda on: books.commit(on, money, project, amount, holder))
        for stage, on in _days(bound, rng).items():
            if stage in stages and (stage == Stage.ADVANCE or done and not stops):
                books.on(on, partial(books.pay, money=money, project=project, amount=stages[stage], stage=stage))
        if then is not None:
            then(project, bound)

    books.on(entered, begin)


def _stages(amount: Decimal, built: bool, rng: Random) -> dict[Stage, Decimal]:
    """What is paid when, together the amount."""
    advance = rng.randint(*ADVANCED)
    if not built:
        return split(amount, {Stage.ADVANCE: advance, Stage.FINAL: 100 - advance})
    return split(amount, {Stage.ADVANCE: advance, Stage.PROGRESS: 100 - RETAINED - advance, Stage.RETENTION: RETAINED})


def _days(bound: datetime.date, rng: Random) -> dict[Stage, datetime.date]:
    """When each part is paid; all but the retention within the year."""
    def later(days: int) -> datetime.date:
        return min(bound + datetime.timedelta(days=days + rng.randint(0, 20)), datetime.date(bound.year, 12, 25))

    return {Stage.ADVANCE: later(12), Stage.PROGRESS: later(90), Stage.FINAL: later(120),
            Stage.RETENTION: datetime.date(bound.year + 1, 6, rng.randint(5, 25))}


def finished(bound: datetime.date) -> dict:
    ends = datetime.date(bound.year, 11, 5)
    return {"state": ProjectState.ACCEPTED, "progress": 100, "actual_end": max(ends, bound + datetime.timedelta(days=60)),
            "accepted_on": datetime.date(bound.year, 12, 10), "acceptance": "合格",
            "acceptance_number": f"验（示范）{bound:%Y%m%d}号", "handed_over_on": datetime.date(bound.year, 12, 26),
            "rating": "良好", "score": Decimal(86), "rated_on": datetime.date(bound.year, 12, 28)}


def _reached(books: Books, village: Area, year: int) -> dict:
    """Who benefits: the registered people of the village."""
    rows = HouseholdYear.objects.filter(village_id=village.pk, year=year)
    households = rows.count()
    persons = MemberYear.objects.filter(household_year__in=rows, status__in=ACTIVE).count()
    poor = VillageYear.objects.filter(village_id=village.pk, year=year, is_poor_village=True).exists()
    return {"villages": 1, "households": households, "persons": persons, "poor_households": households,
            "poor_persons": persons, "in_poor_village": poor}

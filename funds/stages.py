"""The course of a project from the library to its evaluation, how long it has stood where it stands, and how long money
takes from its allocation to the first payment and to the beginning of the work (R145, R150).

Days of the ledger and of the project sheet, in one statement for all projects looked at.
"""
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from django.db.models import Min, OuterRef, Q, Subquery

from funds.models import Movement, Project
from funds.places import View, names_of
from funds.rules import timing
from funds.states import Kind

# In their order; a later one that is reached says that the project has got that far, also when an earlier day is missing.
STAGES = {"entered": "入库", "bound": "资金安排", "started": "开工", "paid": "首次拨付", "finished": "完工", "accepted": "验收",
          "rated": "绩效评价"}
KEYS = tuple(STAGES)
PAYING = (Kind.PAYMENT, Kind.HOUSEHOLD_PAYMENT)
DIGITS = {"province": 4, "city": 6, "county": 9, "township": 12, "village": 12}


@dataclass
class Course:
    """One project and the day it reached each stage; None: not reached, or no day known."""

    project: Project
    days: dict[str, datetime.date | None]
    on: datetime.date

    @property
    def stage(self) -> str:
        """The furthest stage reached."""
        return next(key for key in reversed(KEYS) if self.days[key])

    @property
    def since(self) -> datetime.date:
        """The latest day on which something was reached: how far it is and since when it stands there."""
        return max(day for day in self.days.values() if day)

    @property
    def standing(self) -> int:
        """Whole days in the present stage."""
        return (self.on - self.since).days

    @property
    def waits_for(self) -> str:
        """What comes next; blank when the course is complete."""
        place = KEYS.index(self.stage) + 1
        return KEYS[place] if place < len(KEYS) else ""

    @property
    def unaccepted(self) -> int | None:
        """Days since completion of a project that was not accepted; None for all others."""
        if self.days["finished"] is None or self.days["accepted"]:
            return None
        return (self.on - self.days["finished"]).days

    def between(self, first: str, last: str) -> int | None:
        """Days from one stage to another; None when one of them has no day."""
        start, end = self.days[first], self.days[last]
        return (end - start).days if start and end else None


def courses(view: View, on: datetime.date) -> list[Course]:
    """All projects of the view that are in the library, those that stand longest first; complete ones last."""
    def first(**of) -> Subquery:
        rows = Movement.objects.filter(project=OuterRef("pk"), reversed_by__isnull=True, **of).order_by().values("project")
        return Subquery(rows.annotate(first=Min("on")).values("first"))

    rows = view.projects().select_related("area__parent", "programme").annotate(
        bound_on=first(kind=Kind.COMMITMENT), paid_on=first(kind__in=PAYING))
    if view.q:
        rows = rows.filter(Q(name__contains=view.q) | Q(number__startswith=view.q))
    found = [Course(row, {
        "entered": row.entered_on, "bound": row.bound_on, "started": row.actual_start, "paid": row.paid_on,
        "finished": row.actual_end, "accepted": row.accepted_on, "rated": row.rated_on}, on) for row in rows]
    return sorted(found, key=lambda one: (not one.waits_for, -one.standing, one.project.pk))


def overdue(found: Iterable[Course]) -> list[Course]:
    """Completed and not accepted for longer than `acceptance_days`, the longest first."""
    late = [one for one in found if one.unaccepted is not None and one.unaccepted > limit(one.on)]
    return sorted(late, key=lambda one: -one.unaccepted)


def limit(on: datetime.date) -> int:
    """Days within which a completed project is to be accepted."""
    return timing("acceptance_days", on).value


@dataclass
class Pace:
    """How fast one place is: projects counted, median days, and how many stand before their next stage."""

    code: str
    label: str
    projects: int
    to_payment: float | None       # from the commitment to the first payment
    to_start: float | None         # from the commitment to the beginning of the work
    unpaid: int                    # money bound, nothing paid yet
    unstarted: int                 # money bound, work not begun


def paces(view: View, found: Iterable[Course]) -> list[Pace]:
    """By the places one level below, the slowest to pay first; those without a figure last."""
    groups: defaultdict[str, list[Course]] = defaultdict(list)
    for one in found:
        groups[one.project.area_id[:DIGITS[view.area.level]].ljust(12, "0")].append(one)
    names = names_of(groups)
    made = [_pace(code, f"{view.area.name}本级" if code == view.area.pk else names.get(code, code), group)
            for code, group in groups.items()]
    return sorted(made, key=lambda one: (one.to_payment is None, -(one.to_payment or 0), one.code))


def _pace(code: str, label: str, group: list[Course]) -> Pace:
    bound = [one for one in group if one.days["bound"]]

    def middle(key: str) -> float | None:
        days = [one.between("bound", key) for one in bound if one.days[key]]
        return float(median(days)) if days else None

    return Pace(code, label, len(group), middle("paid"), middle("started"), sum(not one.days["paid"] for one in bound),
                sum(not one.days["started"] for one in bound))

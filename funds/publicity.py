"""What must be public about the money and is not: three things of every project (R148), and how a city or county divided
a document's money (R149).

A thing is due from the day it exists: the project from its entry into the library, its money from the first commitment,
its effect from completion, a division from the day of its transfers. Cities and counties publish on the web for good,
townships and villages on a board or at the site for at least the days of `notice_days`, both from the day the rule holds.
"""
import datetime
from dataclasses import dataclass

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet

from funds.models import Movement
from funds.places import View, names_of, next_place
from funds.publications import standing
from funds.rules import timings
from funds.states import Channel, Kind, Publicity, PublicityState
from office.access import within
from office.fields import MoneyField
from office.models.area import Level

UPPER = (Level.PROVINCE, Level.CITY, Level.COUNTY)
BOARDS = (Channel.BOARD, Channel.SITE)
_STATE = PublicityState


def due(view: View, what: str, today: datetime.date) -> QuerySet:
    """Everything that must be public: projects, or the first transfer of each division. `since` is the day it became
    due, `publicity` its `PublicityState`."""
    rows = _divisions(view) if what == Publicity.ALLOCATION else _projects(view, what)
    column = "from_account__area" if what == Publicity.ALLOCATION else "area"
    return rows.annotate(publicity=_state(what, column, today))


def _projects(view: View, what: str) -> QuerySet:
    bound = Movement.objects.filter(project=OuterRef("pk"), kind=Kind.COMMITMENT, reversed_by__isnull=True).order_by().values(
        "project").annotate(first=Min("on")).values("first")
    since = {Publicity.PROJECT: F("entered_on"), Publicity.FUNDS: Subquery(bound),
             Publicity.EFFECT: Coalesce("actual_end", "accepted_on")}[what]
    return view.projects().annotate(since=since).filter(since__isnull=False)


def _divisions(view: View) -> QuerySet:
    """The transfers of one document by one area on one day are one division; its first transfer stands for it."""
    transfers = Movement.objects.filter(kind=Kind.TRANSFER, reversed_by__isnull=True, from_account__area__level__in=UPPER)
    same = transfers.filter(appropriation=OuterRef("appropriation"), from_account=OuterRef("from_account"), on=OuterRef("on"))
    total = same.order_by().values("appropriation").annotate(total=Sum("amount", output_field=MoneyField())).values("total")
    rows = transfers.visible_to(view.officer).filter(
        ~Exists(same.filter(sequence__lt=OuterRef("sequence"))), within("from_account__area_id", [view.area.pk]),
        **view.narrowed("appropriation__programme_id", "appropriation__year"))
    return rows.annotate(since=F("on"), divided=Subquery(total, output_field=MoneyField()))


def _state(what: str, column: str, today: datetime.date) -> Case:
    notices = standing().filter(what=what)
    if what == Publicity.ALLOCATION:
        notices = notices.filter(appropriation=OuterRef("appropriation"), area=OuterRef("from_account__area"),
                                 allocated_on=OuterRef("on"))
    else:
        notices = notices.filter(project=OuterRef("pk"))
    upper = Q(**{f"{column}__level__in": UPPER})
    done, runs = _boards(today)
    return Case(
        When(upper & Exists(notices.filter(_web())), then=Value(_STATE.PUBLISHED)),
        When(~upper & Exists(notices.filter(done)), then=Value(_STATE.PUBLISHED)),
        When(~upper & Exists(notices.filter(runs)), then=Value(_STATE.RUNNING)),
        When(Exists(notices), then=Value(_STATE.SHORT)), default=Value(_STATE.MISSING), output_field=CharField())


def _web() -> Q:
    """On the web for good; of notices from before the rule any."""
    return Q(channel=Channel.WEBSITE, to_on__isnull=True) | Q(from_on__lt=timings("website_notice")[0].effective_from)


def _boards(today: datetime.date) -> tuple[Q, Q]:
    """Notices on boards that were up long enough, and those that are still up and will have been. The day of posting
    does not count."""
    rules = timings("notice_days")
    done, runs = Q(from_on__lt=rules[0].effective_from), Q(pk__in=[])
    for place, rule in enumerate(rules):
        days = datetime.timedelta(days=rule.value)
        in_force = Q(channel__in=BOARDS, from_on__gte=rule.effective_from)
        if place + 1 < len(rules):
            in_force &= Q(from_on__lt=rules[place + 1].effective_from)
        long_enough = in_force & (Q(to_on__isnull=True) | Q(to_on__gte=F("from_on") + days))
        done |= long_enough & Q(from_on__lte=today - days)
        runs |= long_enough & Q(from_on__gt=today - days)
    return done, runs


@dataclass
class Tally:
    """How many of one thing are due in a place, and in which state."""

    code: str
    label: str
    missing: int = 0
    short: int = 0
    running: int = 0
    published: int = 0

    @property
    def due(self) -> int:
        return self.missing + self.short + self.running + self.published

    @property
    def open(self) -> int:
        return self.missing + self.short

    def add(self, state: str, count: int) -> None:
        setattr(self, state, getattr(self, state) + count)


def tally(view: View, what: str, today: datetime.date) -> tuple[list[Tally], Tally]:
    """By the places one level below, those with most open first; and all of them together."""
    column = "from_account__area_id" if what == Publicity.ALLOCATION else "area_id"
    rows = due(view, what, today).order_by().annotate(part=next_place(view.area, column)).values_list(
        "part", "publicity").annotate(Count("pk"))
    found, whole = {}, Tally(view.area.pk, "合计")
    for code, state, count in rows:
        for one in (found.setdefault(code, Tally(code, code)), whole):
            one.add(state, count)
    names = names_of(found)
    for one in found.values():
        one.label = f"{view.area.name}本级" if one.code == view.area.pk else names.get(one.code, one.code)
    return sorted(found.values(), key=lambda one: (-one.open, one.code)), whole


def whole(view: View, what: str, today: datetime.date) -> Tally:
    """All of the view together, in one statement."""
    made = Tally(view.area.pk, Publicity(what).label)
    for state, count in due(view, what, today).order_by().values_list("publicity").annotate(Count("pk")):
        made.add(state, count)
    return made

"""What the data show of themselves: rows that somebody should look at, each kind one statement over the ledger, the lists
of payments and the register. Nothing is stored and nobody is accused: a lead opens its rows.
"""
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.db.models.query import QuerySet

from funds import network
from funds.ledgers.extent import chunks
from funds.models import Account, BatchLine, Movement, Procurement
from funds.places import View
from funds.publications import standing
from funds.rules import timing
from funds.stages import PAYING
from funds.states import AccountKind, BankResult, Kind, Publicity, Stage
from households.codes import ACTIVE
from households.models import MemberYear
from office.fields import MoneyField


@dataclass(frozen=True)
class Lead:
    """One kind of lead, with what is usual where it comes from (funds/rules/leads.yaml)."""

    key: str
    about: str
    label: str
    sentence: str
    source: str
    confidence: str


@cache
def leads() -> dict[str, Lead]:
    """All kinds in their order."""
    entries = yaml.safe_load((Path(__file__).parent / "rules" / "leads.yaml").read_text(encoding="utf-8"))
    found = {key: Lead(key=key, **entry) for key, entry in entries.items()}
    if set(found) != set(_ROWS):
        raise ValueError(f"leads.yaml：没有算法或没有说明的疑点 {sorted(set(found) ^ set(_ROWS))}")
    return found


def rows(view: View, key: str, today: datetime.date) -> QuerySet:
    """The payments (lines of lists) or projects that a lead is about."""
    return _ROWS[key](view, today)


def payments(view: View) -> QuerySet[BatchLine]:
    """Payments to households that were made and did not come back."""
    found = BatchLine.objects.visible_to(view.officer).in_area(view.area.pk).filter(
        live=True, batch__state__in=network.PAID, **view.narrowed("batch__programme_id", "year"))
    return found.exclude(result=BankResult.FAILED)


def with_movements(lines: list[BatchLine]) -> list[BatchLine]:
    """Put on each line the row of the ledger that paid it (`movement`), by the index of households."""
    for part in chunks(lines):
        paid = dict(Movement.objects.filter(
            household__in={line.household_id for line in part}, batch_line__in=[line.pk for line in part],
            kind=Kind.HOUSEHOLD_PAYMENT).order_by().values_list("batch_line_id", "sequence"))
        for line in part:
            line.movement = paid.get(line.pk)
    return lines


def _of_household() -> QuerySet[MemberYear]:
    """The register on the household of a line in the line's year."""
    return MemberYear.objects.filter(household_year__household=OuterRef("household"), year=OuterRef("year"))


def _gone(view: View, today: datetime.date) -> QuerySet:
    person = MemberYear.objects.filter(member=OuterRef("member"))
    now_active = person.filter(year=OuterRef("year"), status__in=ACTIVE)
    gone = person.filter(year__lte=OuterRef("year")).exclude(status__in=ACTIVE)
    family = _of_household()
    return payments(view).filter(
        Q(Exists(gone), ~Exists(now_active), member__isnull=False)
        | Q(Exists(family), ~Exists(family.filter(status__in=ACTIVE)), member__isnull=True))


def _twice(view: View, today: datetime.date) -> QuerySet:
    person = MemberYear.objects.filter(member=OuterRef("member"), year=OuterRef("year")).values("id_number_index")[:1]
    key = Concat(Subquery(person), Value("|"), Cast("year", CharField()), Value("|"), F("item"), output_field=CharField())
    found = payments(view).filter(member__isnull=False).annotate(key=key)
    several = found.order_by().values("key").annotate(times=Count("pk")).filter(times__gt=1).exclude(key__startswith="|")
    return found.filter(key__in=several.values("key"))


def _holder(view: View, today: datetime.date) -> QuerySet:
    # By household, never by name: half a township may bear one name, and an index over names would be taken for a short cut.
    family = _of_household().filter(status__in=ACTIVE).annotate(called=Concat("name", Value("")))
    return payments(view).filter(Exists(family), ~Exists(family.filter(called=OuterRef("holder"))))


def _shared_card(view: View, today: datetime.date) -> QuerySet:
    found = payments(view).exclude(card_index="")
    shared = found.order_by().values("card_index").annotate(households=Count("household", distinct=True)).filter(
        households__gt=1)
    return found.filter(card_index__in=shared.values("card_index"))


def _before_notice(view: View, today: datetime.date) -> QuerySet:
    paid = Movement.objects.filter(project=OuterRef("pk"), kind__in=PAYING, reversed_by__isnull=True).order_by().values("project")
    shown = standing().filter(project=OuterRef("pk"), what=Publicity.PROJECT).order_by().values("project")
    return view.projects().annotate(
        paid_on=Subquery(paid.annotate(first=Min("on")).values("first")),
        shown_on=Subquery(shown.annotate(first=Min("from_on")).values("first"))).filter(paid_on__lt=F("shown_on"))


def _above_progress(view: View, today: datetime.date) -> QuerySet:
    def whole(expression) -> ExpressionWrapper:
        return ExpressionWrapper(expression, output_field=BigIntegerField())

    money = MoneyField()
    paid = Movement.objects.filter(project=OuterRef("pk"), kind=Kind.PAYMENT, stage=Stage.PROGRESS, reversed_by__isnull=True)
    bought = Procurement.objects.filter(project=OuterRef("pk"), amount__isnull=False)
    paid, bought = (one.order_by().values("project").annotate(total=Sum("amount", output_field=money)).values("total")
                    for one in (paid, bought))
    found = view.projects().annotate(paid=Subquery(paid, output_field=money), contracts=Subquery(bought, output_field=money))
    return found.annotate(
        share=whole(F("paid") * Value(100, IntegerField())), done=whole(F("contracts") * F("progress"))).filter(
            share__gt=F("done"))


def _unaccepted(view: View, today: datetime.date) -> QuerySet:
    limit = today - datetime.timedelta(days=timing("acceptance_days", today).value)
    return view.projects().filter(actual_end__lt=limit, accepted_on__isnull=True)


def idle_accounts(view: View, today: datetime.date) -> dict[str, int]:
    """How many accounts of the view still hold money that was granted a year, and two years, ago."""
    held = Account.objects.visible_to(view.officer).in_area(view.area.pk).filter(
        kind__in=(AccountKind.BUDGET, AccountKind.PROJECT), balance__gt=0, **view.narrowed("programme_id", "appropriation__year"))
    return held.aggregate(**{name: Count("pk", filter=Q(appropriation__issued_on__lte=today - datetime.timedelta(
        days=timing(key, today).value))) for name, key in (("one", "idle_year_days"), ("two", "idle_two_years_days"))})


_ROWS: dict[str, Callable[[View, datetime.date], QuerySet]] = {
    "gone": _gone, "twice": _twice, "holder": _holder, "shared_card": _shared_card, "before_notice": _before_notice,
    "above_progress": _above_progress, "unaccepted": _unaccepted}

"""The money behind a bulletin: the figures of the money pages (`funds.dashboard`) for the programme of its run, as of the
last day of its quarter. An area without money has none."""
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, Min
from django.db.models.query import QuerySet

from assessment.bulletin.facts import Facts
from funds import dashboard
from funds.balances import with_balance
from funds.dashboard import Lens, Line
from funds.models import Account, Movement
from funds.rules import timing
from funds.states import AccountKind, Kind
from office.access import within
from office.models import Level

MONEY = "money"                  # key of the annex and of the stored figures
SPLITTING = (Level.PROVINCE, Level.CITY, Level.COUNTY)      # levels that must pass money on within some days


@dataclass(frozen=True)
class LateSplit:
    """Money of a document that was passed on, or still lies undivided, after the days for it were over."""

    document: str
    area_name: str
    days: int
    undivided: Decimal


@dataclass(frozen=True)
class Ranked:
    """A place by the share of its money that was paid; equal shares, equal ranks; `before` is the last rank."""

    line: Line
    name: str
    rank: int
    before: int | None

    @property
    def direction(self) -> str:
        if self.before is None:
            return "—"
        moved = self.before - self.rank
        return "平" if not moved else f"{'升' if moved > 0 else '降'}{abs(moved)}"


class Money:
    """The money of an area as of the end of a quarter."""

    def __init__(self, f: Facts):
        self.facts, self.day = f, f.quarter.end
        self.lens = Lens(None, f.area, programme=f.programme.pk, as_of=self.day)
        self.total = dashboard.total(self.lens, self.day)
        self.sources = [line for line in dashboard.lines(self.lens, "source", self.day) if line.received]
        stored = f.baseline.bulletin.content.get(MONEY) if f.baseline and f.baseline.bulletin else None
        self.earlier: dict[str, int] | None = stored["ranks"] if stored else None
        self.places = self._ranked(f.level, self.earlier or {})
        self.units = self._ranked(f.unit_level, {}) if f.unit_level != f.level else []
        self.late = list(_late_splits(f, self.day))

    def _ranked(self, level: str, before: dict[str, int]) -> list[Ranked]:
        ranked, rank, last = [], 0, None
        for position, line in enumerate(dashboard.ranking(self.lens, level, self.day), start=1):
            if line.rate != last:
                rank, last = position, line.rate
            name = self.facts.township_name(line.key) if level == Level.TOWNSHIP else line.label
            ranked.append(Ranked(line, name, rank, before.get(line.key)))
        return ranked

    def own(self) -> Line:
        """What lies with the area itself and with none of its places."""
        made = Line(self.facts.area.pk, f"{self.facts.area.name}本级")
        for name in ("received", "committed", "paid", "idle", "idle_one", "idle_two"):
            setattr(made, name, getattr(self.total, name) - sum((getattr(one.line, name) for one in self.places), Decimal(0)))
        return made

    def last_movement(self) -> tuple[int, str]:
        """Number and digest of the last row of the ledger that the figures count."""
        counted = _movements(self.facts, self.day).aggregate(last=Max("sequence"))["last"]
        return Movement.objects.values_list("sequence", "digest").get(pk=counted)

    def stored(self) -> dict:
        """What is kept with the bulletin beside its text: the figures in yuan, and the ranks for the next one."""
        sequence, digest = self.last_movement()
        figures = {name: str(getattr(self.total, name)) for name in ("received", "committed", "paid", "idle", "idle_one",
                                                                     "idle_two")}
        return {"as_of": self.day.isoformat(), "ranks": {one.line.key: one.rank for one in self.places},
                "ledger": {"sequence": sequence, "digest": digest}, **figures}


def money_of(f: Facts) -> Money | None:
    """The money of the bulletin's area; None when the register of money knows of none until the quarter's end."""
    if not _movements(f, f.quarter.end).exists():
        return None
    money = Money(f)
    return money if money.total.received else None


def _movements(f: Facts, day: datetime.date) -> QuerySet[Movement]:
    return Movement.objects.filter(within("to_account__area_id", [f.area.pk]), appropriation__programme=f.programme.pk,
                                   on__lte=day)


def _late_splits(f: Facts, day: datetime.date) -> Iterator[LateSplit]:
    """Documents of the year addressed to the area, or to one above its townships, whose money was passed on too late."""
    moved = Movement.objects.filter(appropriation__programme=f.programme.pk, on__lte=day, reversed_by__isnull=True)
    arrived = moved.filter(within("appropriation__area_id", [f.area.pk]), kind=Kind.APPROPRIATION,
                           appropriation__area__level__in=SPLITTING, on__year=day.year)
    rows = arrived.order_by("appropriation__issued_on", "appropriation_id").values_list(
        "appropriation_id", "document", "appropriation__area__name", "appropriation__area_id").annotate(first=Min("on"))
    passed = moved.filter(kind__in=(Kind.TRANSFER, Kind.COMMITMENT), from_account__kind=AccountKind.BUDGET)
    for pk, document, name, code, first in rows:
        limit = first + datetime.timedelta(days=timing("transfer_days", first).value)
        last = passed.filter(appropriation=pk, from_account__area=code, on__gt=limit).aggregate(last=Max("on"))["last"]
        left = sum((account.balance_on for account in with_balance(day, Account.objects.filter(
            appropriation=pk, area=code, kind=AccountKind.BUDGET))), Decimal(0)) if day > limit else Decimal(0)
        if last or left:
            yield LateSplit(document, name, ((day if left else last) - first).days, left)

"""Figures of money as the rows they are made of.

A figure says how much lies in certain accounts: received is what lies anywhere in an area, committed what lies with
projects, payees and cards, paid what lies with payees and cards. It is therefore the sum of the movements that went into
those accounts from elsewhere, less those that came out again; whatever moved among them counts on neither side. So the list
behind a figure adds up to it, whichever returns, reversals and carry-overs there were.

Money on cards lies in one account of the area that pays. A sheet, and the villages of a township, count it where the
household lives, a project where its own list paid it: the movement says both.
"""
import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.db.models import Q, Sum
from django.db.models.query import QuerySet

from funds.holdings import Holding, holdings
from funds.models import Account, Movement
from funds.states import AccountKind, Kind
from office.access import within
from office.fields import MoneyField
from office.models import Area, Officer
from office.models.area import Level

_A = AccountKind
OUT, OPEN = (_A.PAYEE, _A.CARDS), (_A.BUDGET, _A.PROJECT)
FLOWS = {"received": "到位", "transferred": "分解下达", "committed": "已安排", "paid": "已支付", "payees": "支付到单位",
         "households": "发放到户", "unpaid": "已安排未支付"}
_LIES_IN = {"received": (*OPEN, *OUT), "committed": (_A.PROJECT, *OUT), "paid": OUT, "payees": (_A.PAYEE,),
            "households": (_A.CARDS,), "unpaid": (_A.PROJECT,)}


@dataclass(frozen=True)
class Lens:
    """Which money is looked at: that of an area and everything below it, narrowed by programme, year and source.

    The area must lie in the officer's scope (funds.filters.read_lens); the money in it is then all the officer's to see.
    """

    officer: Officer | None        # None: the public page and the bulletin, which are narrowed by their area alone
    area: Area
    programme: str = ""
    year: int | None = None        # of the appropriation
    source: str = ""
    as_of: datetime.date | None = None

    def accounts(self) -> QuerySet[Account]:
        """Accounts inside the area, the outside world left out."""
        found = Account.objects.exclude(kind=AccountKind.SOURCE).in_area(self.area.pk)
        if self.officer is not None:
            found = found.visible_to(self.officer)
        return found.filter(**self.narrowed("appropriation__year"))

    def movements(self) -> QuerySet[Movement]:
        """Movements of this money, wherever they went; a figure of an area then picks its own."""
        found = Movement.objects.filter(**{f"appropriation__{name}": value for name, value in self.narrowed("year").items()})
        return found.filter(on__lte=self.as_of) if self.as_of is not None else found

    @cached_property
    def holdings(self) -> list[Holding]:
        """All the money of the lens, account by account; read once, however many figures ask for it."""
        return holdings(self.accounts(), self.as_of)

    @cached_property
    def transfers(self) -> list[tuple[str, str, str, int, Decimal]]:
        """What areas inside passed down, less what of it was undone: code of the area that passed it on, source,
        programme and year of the document, yuan."""
        columns = ("appropriation__source", "appropriation__programme_id", "appropriation__year")
        found = []
        for side, sign, only in (("from_account", 1, Q(kind=Kind.TRANSFER)),
                                 ("to_account", -1, Q(kind=Kind.REVERSAL, reverses__kind=Kind.TRANSFER))):
            rows = self.movements().filter(only, within(f"{side}__area_id", [self.area.pk])).order_by()
            totals = rows.values_list(f"{side}__area_id", *columns).annotate(total=Sum("amount", output_field=MoneyField()))
            found += [(*keys, sign * amount) for *keys, amount in totals]
        return found

    def narrowed(self, year: str) -> dict:
        """The conditions as columns; `year` is the column of the document's year."""
        asked = {"programme_id": self.programme, year: self.year, "source": self.source}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Part:
    """Which part of the money of a lens a figure is about; nothing said: all of it."""

    own: bool = False              # what lies with the area itself and not below it
    level: str = ""                # what lies with areas of one level
    sheet: bool = False            # as a sheet counts: cards where the household lives
    project: int | None = None     # one project


@dataclass(frozen=True)
class Rows:
    """Movements that are listed under one sum: those of `plus`, less those of `minus`.

    `came` and `went` are a quicker way to the same sum where there is one: what stands in both cancels out, so each is
    read from the index of its side alone.
    """

    movements: QuerySet[Movement]
    plus: Q = Q()
    minus: Q = Q(pk__in=[])
    came: Q | None = None
    went: Q | None = None

    def narrowed(self, *conditions: Q) -> "Rows":
        return replace(self, movements=self.movements.filter(*conditions))

    def less(self, minus: Q) -> "Rows":
        """All of these rows, of which these count as minus."""
        return Rows(self.movements, ~minus, minus)

    @property
    def listed(self) -> QuerySet[Movement]:
        return self.movements.filter(self.plus | self.minus)

    def total(self) -> Decimal:
        """The sum of all rows, however many are shown."""
        sides = (self.plus, self.minus) if self.came is None else (self.came, self.went)
        came, went = (self.movements.filter(side).order_by().aggregate(
            total=Sum("amount", default=0, output_field=MoneyField()))["total"] for side in sides)
        return came - went


def flow(lens: Lens, name: str, part: Part) -> Rows:
    """The movements that make up one figure of `FLOWS`."""
    if name == "transferred":
        return Rows(lens.movements(), *_passed_on(lens, part))
    came, went = (_inside(lens, part, side, _LIES_IN[name]) for side in ("to_account", "from_account"))
    plus, minus = came & ~went, went & ~came
    if name != "received":
        return Rows(lens.movements(), plus, minus, came, went)
    movements = lens.movements()
    if not _splits_cards(lens.area, part):     # a payment to a card stays with the area that pays
        movements = movements.filter(kind__in=[kind for kind in Kind if kind != Kind.HOUSEHOLD_PAYMENT])
    if part.own or part.level:                 # what was passed on is counted apart, and so is what came back of it
        plus &= ~Q(kind=Kind.REVERSAL, reverses__kind=Kind.TRANSFER)
        minus &= ~Q(kind=Kind.TRANSFER)
    return Rows(movements, plus, minus)


def _inside(lens: Lens, part: Part, side: str, kinds: tuple) -> Q:
    """The account of that side is one of those in which the figure lies."""
    if not (part.project or part.sheet or _splits_cards(lens.area, part)):
        return Q(**{f"{side}__in": Account.objects.filter(_place(lens.area, part), kind__in=kinds)})
    accounts = Account.objects.filter(kind__in=[kind for kind in kinds if kind != _A.CARDS])
    accounts = accounts.filter(project=part.project) if part.project else accounts.filter(_place(lens.area, part))
    found = Q(**{f"{side}__in": accounts})
    return found | _cards(lens.area, part, side) if _A.CARDS in kinds else found


def _place(area: Area, part: Part) -> Q:
    place = Q(area=area) if part.own else within("area_id", [area.pk])
    return place & Q(area__level=part.level) if part.level else place


def _splits_cards(area: Area, part: Part) -> bool:
    """Whether cards count where the household lives although their account lies with the township: when the villages of
    a township are shown one by one."""
    return area.level == Level.VILLAGE or (area.level == Level.TOWNSHIP and part.own)


def _cards(area: Area, part: Part, side: str) -> Q:
    """Cards that count here; the movement says whose they are."""
    cards = Q(**{f"{side}__kind": _A.CARDS})
    if part.project:
        return cards & Q(project=part.project)
    if part.sheet:
        return cards & within("area_id", [area.pk])
    if area.level == Level.VILLAGE:
        return cards & (Q(**{f"{side}__area": area}) | Q(area=area, **{f"{side}__area": area.parent_id}))
    return cards & Q(**{f"{side}__area": area}) & (Q(area=area) | ~within("area_id", [area.pk]))


def _passed_on(lens: Lens, part: Part) -> tuple[Q, Q]:
    """What the area itself (or the areas of one level) passed down, and what of that was undone."""
    whole = not (part.own or part.level)
    giving = Account.objects.filter(_place(lens.area, Part(own=True) if whole else part), kind=_A.BUDGET)
    return (Q(kind=Kind.TRANSFER, from_account__in=giving),
            Q(kind=Kind.REVERSAL, reverses__kind=Kind.TRANSFER, to_account__in=giving))

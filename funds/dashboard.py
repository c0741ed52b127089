"""The figures of the money pages: received, passed on, bound, paid and left, and since when it lies idle.

All of them follow from what lies in which account, so that they can never disagree with the ledger:
received is everything that came into an area and stayed in it, bound is what left the area's own money for a project or
a card, paid is what reached a payee or a card, left is the rest. A transfer moves money inside the area and is counted
apart. Money is idle from the day of the document that granted it: passing it on, binding it or carrying it over starts
no new count (the limits of one and two years: funds/rules/timing.yaml).
"""
import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, F, Min, Q, Sum, Value, When
from django.db.models.functions import Concat, Left
from django.db.models.query import QuerySet

from funds.balances import with_balance
from funds.models import Account, Appropriation, Movement
from funds.rules import timing
from funds.states import AccountKind, Kind, Source
from office.access import within
from office.fields import MoneyField
from office.models import Area, Officer, Programme, code_range
from office.models.area import PREFIX_LENGTH, Level

ZERO = Decimal("0.00")
LONGEST = 2000         # movements that a page adds up; beyond it says that there are more
OUT, OPEN = (AccountKind.PAYEE, AccountKind.CARDS), (AccountKind.BUDGET, AccountKind.PROJECT)
BY = {"place": "地区", "level": "层级", "source": "资金来源", "programme": "政策文件", "year": "资金年度"}
FLOWS = {"received": "到位", "transferred": "分解下达", "committed": "已安排", "paid": "已支付"}
_NEXT_DIGITS = {"province": 4, "city": 6, "county": 9, "township": 12, "village": 12}


@dataclass(frozen=True)
class Lens:
    """Which money is looked at: that of an area and everything below it, narrowed by programme, year and source."""

    officer: Officer | None        # None: the public page, which is narrowed by its area alone
    area: Area
    programme: str = ""
    year: int | None = None        # of the appropriation
    source: str = ""
    as_of: datetime.date | None = None

    def accounts(self) -> QuerySet[Account]:
        """Accounts inside the area, the outside world left out; `held` is what lies in each on the day."""
        found = Account.objects.exclude(kind=AccountKind.SOURCE).in_area(self.area.pk)
        if self.officer is not None:
            found = found.visible_to(self.officer)
        found = found.filter(**self._narrowed("appropriation__year"))
        if self.as_of is not None:
            return with_balance(self.as_of, found).annotate(held=F("balance_on"))
        return found.annotate(held=F("balance"))

    def movements(self) -> QuerySet[Movement]:
        """Movements the officer may see, narrowed alike but for the area, which the flow decides."""
        found = Movement.objects.visible_to(self.officer) if self.officer is not None else Movement.objects.all()
        if self.as_of is not None:
            found = found.filter(on__lte=self.as_of)
        return found.filter(**{f"appropriation__{name}": value for name, value in self._narrowed("year").items()})

    def _narrowed(self, year: str) -> dict:
        asked = {"programme_id": self.programme, year: self.year, "source": self.source}
        return {name: value for name, value in asked.items() if value}


@dataclass
class Line:
    """One row of figures in yuan. `query` are the parameters that narrow the lists down to this row."""

    key: str
    label: str
    query: dict = field(default_factory=dict)
    received: Decimal = ZERO
    transferred: Decimal = ZERO
    committed: Decimal = ZERO
    paid: Decimal = ZERO
    idle: Decimal = ZERO            # what is left, of any age
    idle_one: Decimal = ZERO        # of it: granted a year ago or earlier
    idle_two: Decimal = ZERO        # of it: granted two years ago or earlier
    since: datetime.date | None = None
    days: int | None = None

    @property
    def rate(self) -> Decimal | None:
        """Share of the received money that was paid; None without money."""
        return self.paid / self.received if self.received else None

    @property
    def bound_rate(self) -> Decimal | None:
        return self.committed / self.received if self.received else None

    @property
    def tone(self) -> str:
        return "bad" if self.idle_two else "wait" if self.idle_one else ""


def total(lens: Lens, today: datetime.date) -> Line:
    """The figures of the whole area."""
    row = lens.accounts().aggregate(**_sums(lens.as_of or today))
    line = _filled(Line("", lens.area.name), row, lens.as_of or today)
    line.transferred = _passed_on(lens, Q(from_account__area=lens.area), Q(to_account__area=lens.area))
    return line


def lines(lens: Lens, by: str, today: datetime.date) -> list[Line]:
    """The figures split by one of `BY`, in three statements."""
    day = lens.as_of or today
    key = _keys(lens, "area")[by]
    rows = lens.accounts().annotate(part=key).values("part").order_by("part").annotate(**_sums(day))
    moved = _passed_on_by(lens, by)
    labels = _labels(lens, by, [row["part"] for row in rows])
    made = []
    for row in rows:
        value = str(row["part"])
        line = _filled(Line(value, labels.get(value, value), _query(by, value)), row, day)
        line.transferred = moved.get(value, ZERO)
        if by == "level" or value == lens.area.pk:
            line.received += line.transferred          # what it passed on had come to it first
        if by == "place" and value == lens.area.pk:
            line.label, line.query = f"{lens.area.name}本级", {"area": value, "own": "1"}
        made.append(line)
    if by == "place" and lens.area.level == "township":
        _share_cards(lens, made)
    order = {name: place for place, name in enumerate((*Level.values, *Source.values))}
    return sorted(made, key=lambda line: order.get(line.key, 0)) if by in ("level", "source") else made


def _share_cards(lens: Lens, made: list[Line]) -> None:
    """Payments to cards lie in one account of the township; each village gets the part of its own households."""
    own = next((line for line in made if line.key == lens.area.pk), None)
    lines_by_code = {line.key: line for line in made}
    paid = _to_households(lens)
    names = dict(Area.objects.filter(pk__in=paid).values_list("pk", "name"))
    for code, amount in paid.items():
        if code == lens.area.pk or own is None or not amount:
            continue
        if code not in lines_by_code:
            lines_by_code[code] = Line(code, names.get(code, code), {"area": code})
            made.append(lines_by_code[code])
        for line, sign in ((lines_by_code[code], 1), (own, -1)):
            line.received, line.committed, line.paid = (
                value + sign * amount for value in (line.received, line.committed, line.paid))
    made.sort(key=lambda line: line.key)


def _to_households(lens: Lens) -> dict[str, Decimal]:
    """What went to cards by village, returns taken off; out of the township's own card accounts."""
    found: dict[str, Decimal] = {}
    for side, sign in (("to_account", 1), ("from_account", -1)):
        rows = lens.movements().filter(within("area_id", [lens.area.pk]), **{
            f"{side}__kind": AccountKind.CARDS, f"{side}__area": lens.area})
        for code, amount in rows.order_by().values_list("area_id").annotate(total=Sum("amount", output_field=MoneyField())):
            found[code] = found.get(code, ZERO) + sign * amount
    return found


def ranking(lens: Lens, level: str, today: datetime.date) -> list[Line]:
    """Counties or townships by share paid of what lies with them, best first; places of equal share keep one rank."""
    digits = PREFIX_LENGTH[level]
    code = _padded("area_id", digits)
    inside = lens.accounts().filter(area__level__in=Level.values[Level.values.index(level):])
    rows = inside.annotate(part=code).values("part").order_by("part").annotate(**_sums(lens.as_of or today))
    names = dict(Area.objects.filter(pk__in=[row["part"] for row in rows]).values_list("pk", "name"))
    made = [_filled(Line(row["part"], names.get(row["part"], row["part"]), {"area": row["part"]}), row, lens.as_of or today)
            for row in rows]
    return sorted((line for line in made if line.received), key=lambda line: (-line.rate, line.key))


def idle_accounts(lens: Lens, own: bool = False, level: str = "", least_days: int = 0, today: datetime.date | None = None):
    """Accounts that still hold money, the longest idle first."""
    found = lens.accounts().filter(kind__in=OPEN, held__gt=0)
    if own:
        found = found.filter(area=lens.area)
    if level:
        found = found.filter(area__level=level)
    if least_days and today:
        found = found.filter(appropriation__issued_on__lte=(lens.as_of or today) - datetime.timedelta(days=least_days))
    return found.select_related("area", "appropriation", "project").order_by("appropriation__issued_on", "pk")


def flow(lens: Lens, name: str, own: bool = False, level: str = "") -> tuple[QuerySet[Movement], Q]:
    """The movements that make up one figure of `FLOWS`, and which of them count as minus (returns, reversals)."""
    plus, minus = (_one_way(lens, name, own, level, *sides) for sides in (("from_account", "to_account"),
                                                                      ("to_account", "from_account")))
    return lens.movements().filter(plus | minus), minus


def added_up(movements: QuerySet[Movement], minus: Q) -> tuple[Decimal, bool]:
    """Sum of the movements, returns taken off, and whether it is of all of them (not more than `LONGEST`)."""
    signed = movements.annotate(signed=Case(When(minus, then=-F("amount")), default=F("amount"), output_field=MoneyField()))
    amounts = list(signed.order_by().values_list("signed", flat=True)[:LONGEST + 1])
    return sum(amounts[:LONGEST], ZERO), len(amounts) <= LONGEST


def _one_way(lens: Lens, name: str, own: bool, level: str, giver: str, taker: str) -> Q:
    """Movements from `giver` to `taker` that raise the figure (or lower it, with the two exchanged)."""
    def place(side: str) -> Q:
        inside = Q(**{f"{side}__area": lens.area}) if own else within(f"{side}__area_id", [lens.area.pk])
        if own and lens.area.level == "township":      # cards lie with the township for its villages, see _share_cards
            inside &= ~Q(**{f"{side}__kind": AccountKind.CARDS}) | Q(area=lens.area)
        if lens.area.level == "village":
            inside |= Q(area=lens.area, **{f"{side}__kind": AccountKind.CARDS, f"{side}__area": lens.area.parent_id})
        return inside & Q(**{f"{side}__area__level": level}) if level else inside

    def kinds(side: str, wanted) -> Q:
        return Q(**{f"{side}__kind__in": wanted})

    down = giver == "from_account"
    if name == "received":
        crossing = place(taker) & ~kinds(taker, (AccountKind.SOURCE,)) & (kinds(giver, (AccountKind.SOURCE,)) | ~place(giver))
        passing = Q(kind=Kind.REVERSAL) & kinds(giver, OPEN[:1]) & kinds(taker, OPEN[:1]) if down else Q(kind=Kind.TRANSFER)
        return crossing & ~passing      # what was passed on is counted apart, and so is what came back of it
    if name == "transferred":
        giving = place(giver) if own or level else Q(**{f"{giver}__area": lens.area})
        return giving & kinds(giver, OPEN[:1]) & kinds(taker, OPEN[:1]) & ~Q(**{f"{giver}__area": F(f"{taker}__area")}) & \
            Q(kind=Kind.TRANSFER if down else Kind.REVERSAL)
    if name == "committed":
        return place(taker) & kinds(giver, OPEN[:1]) & kinds(taker, (AccountKind.PROJECT, *OUT))
    return place(taker) & kinds(giver, OPEN) & kinds(taker, OUT)


def _sums(day: datetime.date) -> dict:
    left = Q(kind__in=OPEN)

    def of(condition: Q) -> Sum:
        return Sum("held", filter=condition, default=0, output_field=MoneyField())

    def granted(limit: str) -> Q:
        return left & Q(appropriation__issued_on__lte=day - datetime.timedelta(days=timing(limit, day).value))

    return {"held_all": Sum("held", default=0, output_field=MoneyField()),
            "budget": of(Q(kind=AccountKind.BUDGET)), "paid": of(Q(kind__in=OUT)), "idle": of(left),
            "idle_one": of(granted("idle_year_days")), "idle_two": of(granted("idle_two_years_days")),
            "since": Min("appropriation__issued_on", filter=left & Q(held__gt=0))}


def _filled(line: Line, row: dict, day: datetime.date) -> Line:
    line.received, line.paid, line.idle = row["held_all"], row["paid"], row["idle"]
    line.committed = row["held_all"] - row["budget"]
    line.idle_one, line.idle_two, line.since = row["idle_one"], row["idle_two"], row["since"]
    line.days = (day - line.since).days if line.since else None
    return line


def _padded(column: str, digits: int):
    """The code of the area at a level above: its first digits, filled up with zeros."""
    return Concat(Left(column, digits), Value("0" * (12 - digits)))


def _keys(lens: Lens, area: str, appropriation: str = "appropriation") -> dict:
    """The column that each split groups by; `area` and `appropriation` lead to it."""
    return {"place": _padded(f"{area}_id", _NEXT_DIGITS[lens.area.level]), "level": F(f"{area}__level"),
            "source": F(f"{appropriation}__source"), "programme": F(f"{appropriation}__programme_id"),
            "year": F(f"{appropriation}__year")}


def _passed_on(lens: Lens, giving: Q, taking: Q) -> Decimal:
    down = lens.movements().filter(giving, kind=Kind.TRANSFER)
    back = lens.movements().filter(taking, kind=Kind.REVERSAL, reverses__kind=Kind.TRANSFER)
    amounts = [found.aggregate(total=Sum("amount", default=0, output_field=MoneyField()))["total"] for found in (down, back)]
    return amounts[0] - amounts[1]


def _passed_on_by(lens: Lens, by: str) -> dict[str, Decimal]:
    """Net transfers by the same key: for places and levels what each passed on itself, else what the area passed on."""
    found: dict[str, Decimal] = {}
    for side, sign, only in (("from_account", 1, {"kind": Kind.TRANSFER}),
                             ("to_account", -1, {"kind": Kind.REVERSAL, "reverses__kind": Kind.TRANSFER})):
        rows = lens.movements().filter(within(f"{side}__area_id", [lens.area.pk]), **only)
        if by not in ("place", "level"):
            rows = rows.filter(**{f"{side}__area": lens.area})
        key = F(f"{side}__area_id") if by == "place" else _keys(lens, f"{side}__area")[by]
        totals = rows.annotate(part=key).values("part").order_by("part").annotate(
            total=Sum("amount", default=0, output_field=MoneyField()))
        for row in totals:
            value = str(row["part"])
            found[value] = found.get(value, ZERO) + sign * row["total"]
    return found


def _labels(lens: Lens, by: str, keys: list) -> dict[str, str]:
    if by == "place":
        return dict(Area.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by == "programme":
        return dict(Programme.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by == "year":
        return {str(key): f"{key}年" for key in keys}
    return {"level": dict(Level.choices), "source": dict(Source.choices)}[by]


def _query(by: str, value: str) -> dict:
    return {"area" if by == "place" else by: value}


def years(lens: Lens) -> list[int]:
    """Years of the documents whose money came into the area."""
    lo, hi = code_range(lens.area.pk)
    return list(Appropriation.objects.filter(accounts__area_id__gte=lo, accounts__area_id__lt=hi).order_by("year")
                .values_list("year", flat=True).distinct())

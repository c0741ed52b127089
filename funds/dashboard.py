"""The figures of the money pages: received, passed on, bound, paid and left, and since when it lies idle.

All of them follow from what lies in which account, so that they can never disagree with the ledger:
received is everything that came into an area and stayed in it, bound is what left the area's own money for a project or
a card, paid is what reached a payee or a card, left is the rest. A transfer moves money inside the area and is counted
apart. Which movements make a figure: `funds.flows`. How long money lies: `funds.idle`.

Shares are exact fractions and are rounded half-up for show only, to a tenth of a percent on pages.
"""
import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from django.db.models import Sum

from funds.flows import OPEN, OUT, Lens
from funds.holdings import Holding
from funds.idle import days_idle, limits
from funds.states import AccountKind, Source
from office.access import within
from office.fields import MoneyField
from office.models import Area, Programme
from office.models.area import PREFIX_LENGTH, Level, level_of
from office.money import from_fen

ZERO = Decimal("0.00")
BY = {"place": "地区", "level": "层级", "source": "资金来源", "programme": "政策文件", "year": "资金年度"}
_NEXT_DIGITS = {"province": 4, "city": 6, "county": 9, "township": 12, "village": 12}


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
    went_on: Decimal = ZERO         # part of received that others of these rows show again, having got it from here

    @property
    def kept(self) -> Decimal:
        """Received and not passed on to another row: what there was to pay from."""
        return self.received - self.went_on

    @property
    def rate(self) -> Decimal | None:
        """Share of the money kept that was paid, unrounded; None without money."""
        return self.paid / self.kept if self.kept else None

    @property
    def bound_rate(self) -> Decimal | None:
        return self.committed / self.kept if self.kept else None

    @property
    def tone(self) -> str:
        return "bad" if self.idle_two else "wait" if self.idle_one else ""


def total(lens: Lens, today: datetime.date) -> Line:
    """The figures of the whole area."""
    day = lens.as_of or today
    line = _filled(Line("", lens.area.name), lens.holdings, day)
    line.transferred = sum(_passed_on(lens, "year").values(), ZERO)
    return line


def lines(lens: Lens, by: str, today: datetime.date) -> list[Line]:
    """The figures split by one of `BY`."""
    day, rows = lens.as_of or today, defaultdict(list)
    key = _key(lens, by)
    for one in lens.holdings:
        rows[key(one)].append(one)
    moved = _passed_on(lens, by)
    keys = sorted({*rows, *(value for value, amount in moved.items() if amount)})
    labels = _labels(by, keys)
    made = []
    for value in keys:
        line = _filled(Line(value, labels.get(value, value), _query(by, value)), rows[value], day)
        line.transferred = moved.get(value, ZERO)
        if by == "level" or value == lens.area.pk:
            line.received += line.transferred          # what it passed on had come to it first
            line.went_on = line.transferred
        if by == "place" and value == lens.area.pk:
            line.label, line.query = f"{lens.area.name}本级", {"area": value, "own": "1"}
        made.append(line)
    if by == "place" and lens.area.level == Level.TOWNSHIP:
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


def idle_holdings(lens: Lens, *, today: datetime.date, own: bool = False, level: str = "", least_days: int = 0,
                  document: int | None = None) -> list[Holding]:
    """Accounts whose money was neither passed down nor paid, the longest idle first."""
    day = lens.as_of or today
    found = [one for one in lens.holdings if one.kind in OPEN and (not own or one.area == lens.area.pk)
             and (not level or _level(one.area) == level) and (not document or one.document == document)
             and days_idle(one.issued_on, day) >= least_days]
    return sorted(found, key=lambda one: (one.issued_on, one.pk))


def ranking(lens: Lens, level: str, today: datetime.date) -> list[Line]:
    """Counties or townships by share paid of what lies with them, best first; places of equal share keep one rank."""
    digits, day, rows = PREFIX_LENGTH[level], lens.as_of or today, defaultdict(list)
    for one in lens.holdings:
        if PREFIX_LENGTH[_level(one.area)] >= digits:
            rows[one.area[:digits].ljust(12, "0")].append(one)
    names = dict(Area.objects.filter(pk__in=rows).values_list("pk", "name"))
    made = [_filled(Line(code, names.get(code, code), {"area": code}), found, day) for code, found in rows.items()]
    return sorted((line for line in made if line.received), key=lambda line: (-line.rate, line.key))


def _filled(line: Line, rows: Iterable[Holding], day: datetime.date) -> Line:
    """Add up what lies in the accounts."""
    marks = limits(day)
    one_year, two_years = (day - datetime.timedelta(days=least) for least in (marks.one, marks.two))
    budget = idle = one_idle = two_idle = paid = 0
    since = None
    for one in rows:
        if one.kind in OUT:
            paid += one.fen
            continue
        idle += one.fen
        budget += one.fen if one.kind == AccountKind.BUDGET else 0
        one_idle += one.fen if one.issued_on <= one_year else 0
        two_idle += one.fen if one.issued_on <= two_years else 0
        since = one.issued_on if since is None or one.issued_on < since else since
    line.received, line.committed, line.paid = from_fen(paid + idle), from_fen(paid + idle - budget), from_fen(paid)
    line.idle, line.idle_one, line.idle_two = from_fen(idle), from_fen(one_idle), from_fen(two_idle)
    line.since, line.days = since, days_idle(since, day) if since else None
    return line


_level = cache(level_of)         # of some thousand areas, asked for again and again


def _key(lens: Lens, by: str) -> Callable[[Holding], str]:
    """What each split groups by."""
    digits = _NEXT_DIGITS[lens.area.level]
    return {"place": lambda one: one.area[:digits].ljust(12, "0"), "level": lambda one: _level(one.area),
            "source": lambda one: one.source, "programme": lambda one: one.programme, "year": lambda one: str(one.year)}[by]


def _passed_on(lens: Lens, by: str) -> dict[str, Decimal]:
    """Net transfers by the same key: for places and levels what each passed on itself, else what the area passed on."""
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    own = _NEXT_DIGITS[lens.area.level]
    for code, source, programme, year, amount in lens.transfers:
        key = {"place": code, "level": _level(code), "source": source, "programme": programme, "year": str(year)}[by]
        if (PREFIX_LENGTH[_level(code)] <= own) if by == "place" else by == "level" or code == lens.area.pk:
            found[key] += amount
    return found


def _labels(by: str, keys: list[str]) -> dict[str, str]:
    if by == "place":
        return dict(Area.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by == "programme":
        return dict(Programme.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by == "year":
        return {key: f"{key}年" for key in keys}
    return {"level": dict(Level.choices), "source": dict(Source.choices)}[by]


def _query(by: str, value: str) -> dict:
    return {"area" if by == "place" else by: value}

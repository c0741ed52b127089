"""Three years of made-up money for the demo county: as much as the documents ask for, spent well in most places.

Amounts follow from what is due (standard × persons × shares). Some things go wrong on purpose, so that the pages have
something to show: one split is late, one township leaves money lying, one project stops, the last year of the last
payer comes only in part, and the bank sends some payments back.
"""
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import partial
from random import Random

from django.db import transaction
from django.db.models import Count

from assessment.demo.books import Books
from assessment.demo.courses import enter_project, finished
from assessment.demo.setting import programmes_of
from assessment.demo.supervision import audit_money
from assessment.demo.ventures import industry
from funds import accounts, due, pledges, supports
from funds.models import Appropriation, Investment, Movement, Pledge, Project
from funds.rules import Funding, funding
from funds.shares import split
from funds.states import Source, VillageHelper
from households.models import HouseholdYear
from office.access import within
from office.models import Area, Officer
from villages.models import VillageYear

YEARS = (3, 4, 3)                   # how a sum for three years is spread over them
SUBSIDY, DIVIDEND = "产业扶持到户奖补（示范）", "资产收益分红（示范）"
SUBSIDY_STANDARD, SUBSIDY_SHARE = 600, 5      # yuan per household; at most a fifth of the first payer's money of a year
SUBSIDY_TURN = 3                    # a household has its turn once in so many years
DIVIDEND_PERCENT = 6
LATE_DAYS, DAYS = 72, (9, 24)       # from the arrival of money to its split: once, and else
STOPPED, LEFT_LYING = 1, 2          # which township has the project that stops, and which leaves money lying
UNSPENT = Decimal("0.4")
SHORT = Decimal("0.6")              # of the last payer's last year arrives
GUIDANCE = (Decimal("300000"), 3)   # yuan a year, villages: where the document prints no sum
PLEDGED = (                         # source, who promised, how much, how much of it comes
    (Source.UNIT, "定点帮扶单位（示范）", Decimal(200000), Decimal(200000)),
    (Source.SOCIETY, "县商会（示范）", Decimal(150000), Decimal(90000)))
SUPPORTED = 16                      # villages with money of their own

Say = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """A township with the village that its projects are in, and the persons that money is divided by."""

    town: Area
    village: Area
    persons: int


def make_money(county: Area, finance: Officer, leader: Officer, seed: int, say: Say) -> int:
    """Post the money of every programme of the county that has none; returns how many movements. All or nothing."""
    with transaction.atomic():
        having = set(Movement.objects.order_by().values_list("appropriation__programme", flat=True).distinct())
        for programme in programmes_of(county):
            if programme.pk in having:
                continue
            books = Books(county, programme, finance, leader, Random(f"{seed}/{programme.key}/money"))
            try:
                planned = _plan(books, funding(programme.key))
            except LookupError as error:
                say(f"未编制示范资金 {programme.key}：{error}")
                continue
            if not planned:
                say(f"未编制示范资金 {programme.key}：文件没有印出投入标准，或{county.name}没有登记对象")
                continue
            books.run()
            audit_money(programme, county)
            posted = Movement.objects.filter(appropriation__programme=programme).count()
            say(f"已编制示范资金 {programme.key}：{posted} 笔流水")
    return Movement.objects.count()


def _plan(books: Books, rules: Funding) -> bool:
    """Enter into the diary what the programme brings; False when nothing is due."""
    _support_villages(books, rules)
    found = [one for one in due.dues(books.programme, books.county) if one.amount]
    standard = [one for one in found if one.kind == "standard"]
    villages = [one for one in found if one.kind == "village" and one.payer]
    places = _places(books)
    if not places or not (standard or villages):
        return False
    for index, one in enumerate(standard):
        parts = split(one.amount, dict(zip(books.programme.years, YEARS, strict=False)))
        for year, amount in parts.items():
            if index == len(standard) - 1 and year == books.programme.end_year:
                amount = (amount * SHORT).quantize(Decimal(1))
            _standard_money(books, rules, places, index, one.payer, year, amount)
    for payer, year in sorted({(one.payer, one.year) for one in villages}):
        _village_money(books, rules, payer, year, [one for one in villages if (one.payer, one.year) == (payer, year)])
    _pledged_money(books, rules, places)
    for year in books.programme.years:
        books.on(datetime.date(year, 12, 31), books.carry_over)
    return True


def _places(books: Books) -> list[Place]:
    """Townships by the persons counted, the largest first, each with its largest village."""
    year = due.base_year_of(books.programme, books.county.pk)
    if year is None:
        return []
    counted = due.persons_counted(books.programme, year, books.county.pk).order_by().values_list(
        "household_year__village_id").annotate(persons=Count("pk"))
    by_town: dict[str, list[tuple[int, str]]] = {}
    for village, persons in counted:
        by_town.setdefault(village[:9].ljust(12, "0"), []).append((persons, village))
    areas = Area.objects.in_bulk([*by_town, *(village for rows in by_town.values() for _, village in rows)])
    found = [Place(areas[town], areas[max(rows)[1]], sum(persons for persons, _ in rows)) for town, rows in by_town.items()]
    return sorted(found, key=lambda place: (-place.persons, place.town.pk))


# The standard's money


def _standard_money(books: Books, rules: Funding, places: list[Place], index: int, payer: str, year: int,
                    amount: Decimal) -> None:
    """One payer's money of one year: the first payer's goes to the townships and to households, the others' to projects."""
    rng = books.rng
    issued = datetime.date(year, 3 + index, rng.randint(6, 20))
    arrives = issued + datetime.timedelta(days=rng.randint(1, 6))
    if payer == Source.TOWNSHIP:
        for place, part in zip(places, split(amount, {p.town.pk: p.persons for p in places}).values(), strict=True):
            books.on(arrives, partial(_township_document, books, rules, place, payer, part, issued))
    elif index == 0:
        books.on(arrives, partial(_first_document, books, rules, places, payer, amount, issued))
    else:
        books.on(arrives, partial(_project_document, books, rules, places, index, payer, amount, issued))


def _first_document(books: Books, rules: Funding, places: list[Place], payer: str, amount: Decimal, issued: datetime.date,
                    day: datetime.date) -> None:
    """A part bound for subsidies to households, the rest split among the townships by persons."""
    money = books.receive(day, payer, amount, issued_on=issued, uses=rules.uses)
    households = _able_households(books, books.county, day.year)[day.year % SUBSIDY_TURN::SUBSIDY_TURN]
    standard = min(SUBSIDY_STANDARD, int(amount / SUBSIDY_SHARE / max(1, len(households))) // 100 * 100)
    if standard and households:
        _subsidies(books, money, industry(rules.uses), Decimal(standard), households, day)
    parts = split(amount - standard * len(households), {place.town: place.persons for place in places})
    parts = {town: part for town, part in parts.items() if part}
    first, second, *_ = books.programme.years
    days = LATE_DAYS if day.year == second else books.rng.randint(*DAYS)
    goes_down = day + datetime.timedelta(days=days)
    books.on(goes_down, lambda on: books.split(on, money, parts))
    for number, place in enumerate(places):
        if part := parts.get(place.town):
            use = rules.uses[(number + day.year) % min(3, len(rules.uses))]
            if number == LEFT_LYING % len(places) and day.year == first:
                part = (part * (1 - UNSPENT)).quantize(Decimal(1))
            stops = number == STOPPED % len(places) and day.year == second
            enter_project(books, money, place.village, place.town, use, part, goes_down, stops=stops)

def _subsidies(books: Books, money: Appropriation, use: str, standard: Decimal, households: list[str],
               day: datetime.date) -> None:
    """The county's own project for what goes to the cards of households, paid in September."""
    amount = standard * len(households)
    bound = day + datetime.timedelta(days=books.rng.randint(5, 15))
    facts = {**finished(bound), "villages": 0, "households": len(households), "poor_households": len(households)}
    project = books.project(day, books.county, use, amount, "产业扶持到户奖补", **facts)
    books.on(bound, lambda on: books.commit(on, money, project, amount, books.county))
    books.on(datetime.date(day.year, 9, books.rng.randint(5, 20)), lambda on: books.pay_households(
        on, accounts.project(money, project, on.year), SUBSIDY, standard, books.county, households, use))


def _project_document(books: Books, rules: Funding, places: list[Place], index: int, payer: str, amount: Decimal,
                      issued: datetime.date, day: datetime.date) -> None:
    """Bound by the county itself to projects in a few villages; one of them earns a yearly return."""
    money = books.receive(day, payer, amount, issued_on=issued, uses=rules.uses)
    count = 3 if index == 1 else 1
    chosen = [places[(index * 2 + day.year + n) % len(places)] for n in range(count)]
    for n, part in enumerate(split(amount, dict.fromkeys(range(count), 1)).values()):
        use = rules.uses[(index + 2 + n) % len(rules.uses)]
        returns = "资产收益" in use and day.year == books.programme.start_year
        enter_project(books, money, chosen[n].village, books.county, use, part, day,
                      then=partial(_returns, books, use, chosen[n], part) if returns else None)


def _township_document(books: Books, rules: Funding, place: Place, payer: str, amount: Decimal, issued: datetime.date,
                       day: datetime.date) -> None:
    if amount:
        money = books.receive(day, payer, amount, issued_on=issued, uses=rules.uses, area=place.town)
        enter_project(books, money, place.village, place.town, rules.uses[day.year % len(rules.uses)], amount, day)


def _returns(books: Books, use: str, place: Place, amount: Decimal, project: Project, bound: datetime.date) -> None:
    """The enterprise pays its guaranteed return in the following years, shared equally among the township's households."""
    found: list[Investment] = []
    books.on(bound + datetime.timedelta(days=40), lambda on: found.append(books.invest(on, project, amount)))

    def pay(day: datetime.date) -> None:
        households = _able_households(books, place.town, day.year)
        standard = (amount * DIVIDEND_PERCENT / 100 / max(1, len(households))).quantize(Decimal(1), ROUND_DOWN)
        if not standard:
            return
        money = books.receive(day, Source.SOCIETY, standard * len(households), issued_on=day, uses=(use,),
                              payer=found[0].enterprise, title=f"{project.name}保底收益", special_line=DIVIDEND)
        books.on(day + datetime.timedelta(days=10), lambda on: books.pay_households(
            on, accounts.budget(money, books.county), DIVIDEND, standard, place.town, households, use, found[0]))
        books.on(day + datetime.timedelta(days=25), partial(books.give_back, money=money))

    for year in list(books.programme.years)[1:]:
        books.on(datetime.date(year, 10, 20), pay)


def _able_households(books: Books, area: Area, year: int) -> list[str]:
    """Households with labour capacity in the register of the year."""
    rows = HouseholdYear.objects.filter(within("village_id", [area.pk]), year=year, labour_capacity=True)
    return sorted(rows.values_list("household_id", flat=True))


# Money from outside the budget


def _pledged_money(books: Books, rules: Funding, places: list[Place]) -> None:
    """What units and society promised in the second year; the last of them keeps part of it back."""
    year = books.programme.start_year + 1
    for number, (source, payer, amount, comes) in enumerate(PLEDGED):
        pledge = pledges.record(
            books.recorder, programme=books.programme, area=books.county, source=source, payer_name=payer, amount=amount,
            note="示范数据", pledged_on=datetime.date(year, 4, 12), due_on=datetime.date(year, 8, 31))
        place, use = places[-1 - number % len(places)], rules.uses[number % len(rules.uses)]
        books.on(datetime.date(year, 7, 10 + number), partial(_keep_pledge, books, rules, pledge, comes, place, use))


def _keep_pledge(books: Books, rules: Funding, pledge: Pledge, amount: Decimal, place: Place, use: str,
                 day: datetime.date) -> None:
    money = books.receive(day, pledge.source, amount, issued_on=day, uses=rules.uses, payer=pledge.payer_name,
                          title=f"{pledge.payer_name}帮扶资金", pledge=pledge)
    enter_project(books, money, place.village, books.county, use, amount, day)


# Villages with a sum of their own


def _support_villages(books: Books, rules: Funding) -> None:
    """Say whose units help which village, where the document's sums depend on it."""
    rule = rules.villages
    if rule is None:
        return
    poor = VillageYear.objects.in_area(books.county.pk).filter(is_poor_village=True, year__in=books.programme.years)
    villages = poor.order_by("village_id").values_list("village_id", flat=True).distinct()
    helpers = [helper for helper in VillageHelper.values if helper in rule.helped_by]
    amount, most = GUIDANCE if rule.entered else (None, SUPPORTED)
    for number, helper in enumerate(helpers):
        chosen = Area.objects.filter(pk__in=list(villages[:most])[number::len(helpers)])
        if chosen:
            supports.set_support(books.recorder, books.programme, chosen, helper=helper, guidance_amount=amount, basis="示范数据")


def _village_money(books: Books, rules: Funding, payer: str, year: int, dues: list[due.Due]) -> None:
    """One document for all villages of a payer in a year, bound to a project in each."""
    issued = datetime.date(year, 4, books.rng.randint(6, 20))

    def arrive(day: datetime.date) -> None:
        money = books.receive(day, payer, sum((one.amount for one in dues), Decimal(0)), issued_on=issued, uses=rules.uses,
                              title=f"{year}年{rules.villages.label}（示范）")
        villages = Area.objects.in_bulk([one.area_code for one in dues])
        for number, one in enumerate(dues):
            use = rules.uses[number % len(rules.uses)]
            enter_project(books, money, villages[one.area_code], books.county, use, one.amount, day)

    books.on(issued + datetime.timedelta(days=3), arrive)

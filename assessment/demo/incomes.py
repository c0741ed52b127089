"""What a made-up household earns in a year, kind by kind, in whole fen; the kinds are the columns of the register."""
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from math import exp
from random import Random

from assessment.demo import shares
from assessment.demo.families import Family
from assessment.demo.people import COMPULSORY_GRADES, RETIRED, UPPER_GRADES, Person
from households.codes import Category

BASE_YEAR = 2016
YUAN = 100


@dataclass(frozen=True)
class Lines:
    """Lines of one year in yuan per head, by residence; `printed` are those a document printed ahead (forecast)."""

    rural: Decimal
    urban: Decimal
    printed: Decimal | None = None

    def of(self, urban: bool) -> Decimal:
        return self.urban if urban else self.rural


@dataclass(frozen=True)
class Means:
    """What a household lives on year after year; `standing` is its lasting place in the spread of incomes."""

    standing: float
    farms: bool
    arable: int             # hundredths of a mu
    forest: int
    has_shares: bool        # takes part in an asset-income scheme
    rents_out: bool
    family_planning: bool
    careful: bool           # the clerk fills the parts of the headings, too


def draw_means(rng: Random, family: Family, fortune: float) -> Means:
    """`fortune`: how well the township is placed, in standard deviations."""
    rural = not family.urban
    return Means(
        standing=rng.gauss(fortune * shares.TOWNSHIP_INCOME, shares.INCOME_BETWEEN), farms=rural and rng.random() < 0.66,
        arable=rng.randrange(30, 420) if rural else 0, forest=rng.randrange(0, 1800, 10) if rural and rng.random() < 0.5 else 0,
        has_shares=rng.random() < 0.45, rents_out=rng.random() < 0.15,
        family_planning=rng.random() < 0.03, careful=rng.random() < 0.93)


def earn(rng: Random, family: Family, means: Means, year: int, lines: Lines, progress: float, on_dibao: bool) -> dict:
    """Income columns of the household-year in fen. `progress` 0 to 1: how far the programme has come."""
    people = family.active(year)
    row = _transfers(rng, family, means, people, year, on_dibao)
    row |= _property(rng, means, progress)
    fixed = row["transfer_income"] - row["transfer_expense"] + row["property_income"]
    if family.is_able(year):
        row |= _labour(rng, family, means, people, year, lines, progress, fixed)
    else:
        row |= _garden(rng, means)
    net = fixed + row["wage_income"] + row["operating_income"] - row["operating_expense"]
    row["declared_pc_income"] = _half_up(net, len(people)) if rng.random() < 0.9 else None
    if not means.careful:
        for part in ("dividend_income", "other_property_income", "family_planning_income", "dibao_income",
                     "tekun_income", "pension_income", "ecological_income", "other_transfer_income"):
            row[part] = None
    return row


def _grown(amount: float, growth: float, year: int) -> int:
    """A yearly amount in fen, rounded to ten yuan."""
    return round(amount * (1 + growth) ** (year - BASE_YEAR) / 10) * 10 * YUAN


def _transfers(rng: Random, family: Family, means: Means, people: list[Person], year: int, on_dibao: bool) -> dict:
    tekun = family.category == Category.TEKUN
    pension = sum(p.age(year) >= RETIRED and p.pension_insured for p in people)
    other = round(means.arable * shares.GRAIN_PER_MU / 100) * YUAN
    for person in people:
        grade = person.grade(year)
        if grade:
            stage = "compulsory" if grade in COMPULSORY_GRADES else "upper" if grade in UPPER_GRADES else "tertiary"
            other += shares.STUDENT_YEARLY[stage] * YUAN * (rng.random() < 0.9)
        if person.disability:
            other += shares.DISABILITY_MONTHLY[min(2, 4 - int(person.disability[1]))] * 12 * YUAN
    parts = {
        "family_planning_income": shares.FAMILY_PLANNING_YEARLY * YUAN if means.family_planning else 0,
        "dibao_income": 0 if tekun or not on_dibao else
        len(people) * _grown(shares.DIBAO_MONTHLY * 12 * rng.uniform(0.7, 1.3), shares.DIBAO_GROWTH, year),
        "tekun_income": len(people) * _grown(shares.TEKUN_MONTHLY * 12, shares.TEKUN_GROWTH, year) if tekun else 0,
        "pension_income": pension * _grown(shares.PENSION_MONTHLY * 12, shares.PENSION_GROWTH, year),
        "ecological_income": round(means.forest * shares.FOREST_PER_MU / 100) * YUAN, "other_transfer_income": other}
    insurance = _grown(shares.INSURANCE_YEARLY, shares.INSURANCE_GROWTH, year) * len(people)
    own_share = insurance if family.category == Category.ORDINARY and rng.random() < 0.25 else 0
    return parts | {"transfer_income": sum(parts.values()), "transfer_expense": own_share}


def _property(rng: Random, means: Means, progress: float) -> dict:
    dividend = round(rng.uniform(300, 900) * (0.5 + progress)) * YUAN if means.has_shares and progress > 0 else 0
    other = rng.randrange(100, 800, 20) * YUAN if means.rents_out else 0
    return {"dividend_income": dividend, "other_property_income": other, "property_income": dividend + other}


def _garden(rng: Random, means: Means) -> dict:
    sold = rng.randrange(200, 1500, 50) * YUAN if means.farms and rng.random() < 0.4 else 0
    return {"wage_income": 0, "operating_income": sold, "operating_expense": sold // 3}


def _labour(rng: Random, family: Family, means: Means, people: list[Person], year: int, lines: Lines, progress: float,
            fixed: int) -> dict:
    """Wages and business fill up what is missing to the household's place in the spread."""
    line = lines.of(family.urban)
    wanted = _at_the_line(rng, line, lines.printed, len(people)) if rng.random() < shares.EXACTLY_AT_THE_LINE else None
    exact = wanted is not None and wanted > fixed
    if not exact:
        place = (shares.INCOME_START + shares.INCOME_GAIN * progress + means.standing
                 + rng.gauss(0, shares.INCOME_WITHIN))
        wanted = int(float(line) * exp(place) * len(people)) * YUAN
    missing = max(wanted - fixed, 0)
    earners = any(p.earning_months(year) for p in people)
    share = 0 if not means.farms and earners else rng.uniform(0.15, 0.6) if earners else 1
    net = missing if not earners else int(missing * share) // 1000 * 1000
    if means.farms and earners and rng.random() < 0.04:
        net = -rng.randrange(300, 6000, 100) * YUAN      # a bad year: wages carry the loss
    expense = round(abs(net) * rng.uniform(0.2, 0.7) / 1000) * 1000 + (-net if net < 0 else 0)
    wage = missing - net
    if not exact:
        wage = round(wage / 1000) * 1000
    return {"wage_income": wage, "operating_income": net + expense, "operating_expense": expense}


def _at_the_line(rng: Random, line: Decimal, printed: Decimal | None, members: int) -> int:
    """Net income in fen that just reaches a line, or misses or exceeds it by one fen."""
    chosen = printed if printed is not None and rng.random() < 0.4 else line
    reached = int((chosen * members * 100).to_integral_value(ROUND_CEILING))
    return reached + rng.choice((0, 0, -1, 1))


def _half_up(fen: int, members: int) -> int:
    return int((Decimal(fen) / members).to_integral_value(ROUND_HALF_UP))

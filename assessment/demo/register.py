"""The made-up register of one village: rows as the database holds them, personal numbers still in clear.

Money in fen, measures in hundredths, dates as text: the form in which the importer keeps a row, too.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from assessment.demo import incomes, living, numbers, shares
from assessment.demo.families import Family, Founder
from assessment.demo.incomes import Lines
from assessment.demo.names import Lineages
from assessment.demo.people import Person, left_behind, relationship
from assessment.demo.villages import Village
from households.codes import NOT_IN_SCHOOL, Cause, Residence


@dataclass(frozen=True)
class Setting:
    """What holds for the whole register: seed, years with their lines and progress, the shape of the programme."""

    seed: int
    lines: dict[int, Lines]
    progress: dict[int, float]
    villages: int
    neighbours: dict[str, list[str]]     # county prefix -> prefixes of the counties around it
    with_urban: bool = False             # the programme has a line of its own for urban households

    @property
    def years(self) -> list[int]:
        return list(self.lines)


@dataclass
class HouseholdRows:
    """One household: its number and, per year, its row and those of its members."""

    no: str
    years: list[tuple[dict, list[dict]]]


def village_register(setting: Setting, village: Village) -> Iterator[HouseholdRows]:
    """All households of a village, always the same for the same seed."""
    rng = Random(f"{setting.seed}/{village.code}")
    county = village.code[:6]
    citizens = numbers.CitizenNumbers(rng, county, setting.neighbours[county], village.position, setting.villages)
    fortune = Random(f"{setting.seed}/{village.code[:9]}").gauss(0, 1)
    founder = Founder(rng, citizens, Lineages(rng), setting.years[0])
    for serial in range(1, village.households + 1):
        yield _household(rng, founder, setting, village, f"{village.code}{serial:04d}", fortune)


def _household(rng: Random, founder: Founder, setting: Setting, village: Village, no: str,
               fortune: float) -> HouseholdRows:
    first, *later = setting.years
    if later and rng.random() < shares.FOUND_LATER:
        first, *later = later
    urban = setting.with_urban and (village.is_urban or rng.random() < shares.URBAN_SHARE / 2)
    family = founder.found(first, urban, dibao_only=setting.with_urban)
    writer = _Writer(rng, setting, village, no, family, first, fortune)
    rows = [writer.year(first)]
    for year in later:
        if not founder.grow_older(family, year):
            break
        rows.append(writer.year(year))
    return HouseholdRows(no, rows)


class _Writer:
    """Writes the rows of one household, year after year."""

    def __init__(self, rng: Random, setting: Setting, village: Village, no: str, family: Family, first: int,
                 fortune: float):
        self.rng, self.setting, self.village, self.no, self.family, self.first = rng, setting, village, no, family, first
        self.means = incomes.draw_means(rng, family, fortune)
        self.home = living.draw_home(rng, len(family.people), fortune)
        self.identified = self._identified(first)
        self.others = _second_causes(rng, family.cause)
        self.phone = numbers.phone(rng) if rng.random() < 0.93 else ""
        self.bank, self.card = numbers.bank_card(rng) if rng.random() < 0.95 else ("", "")

    def _identified(self, first: int) -> str:
        rng = self.rng
        if first > self.setting.years[0]:
            return f"{first}-{rng.randint(4, 10):02d}-{rng.randint(1, 28):02d}"
        year = min(first, rng.choices((2014, 2015, 2016), (12, 14, 74))[0])
        return f"{year}-{rng.randint(3, 6):02d}-{rng.randint(1, 28):02d}"

    def year(self, year: int) -> tuple[dict, list[dict]]:
        family, rng, progress = self.family, self.rng, self.setting.progress[year]
        able = family.is_able(year)
        on_dibao = living.dibao_state(rng, family, self.home, able, progress)
        row = {
            "household_id": self.no, "village_id": self.village.code, "year": year,
            "first_identified_on": self.identified, "head_name": family.head.name,
            "declared_size": len(family.active(year)),
            "residence": (Residence.URBAN if family.urban else Residence.RURAL).value, "category": family.category,
            "labour_capacity": able, "main_cause": family.cause, "other_causes": self.others, "phone": self.phone,
            "bank_name": self.bank, "bank_card": self.card, "on_dibao": on_dibao,
            "arable_area": self.means.arable, "forest_area": self.means.forest}
        row |= incomes.earn(rng, family, self.means, year, self.setting.lines[year], progress, bool(on_dibao))
        row |= living.conditions(rng, self.home, progress)
        return row, [self._member(person, year) for person in family.people if person.is_listed(year)]

    def _member(self, person: Person, year: int) -> dict:
        rng, active, age = self.rng, person.is_active(year), person.age(year)
        months = person.earning_months(year) if active else 0
        school = person.school_status(year)
        away = any(p is not person and p.works_far_away and p.earning_months(year) for p in self.family.active(year))
        return {
            "member_id": f"{self.no}{person.serial:02d}", "year": year, "name": person.name,
            "id_number": person.citizen_number, "birth_year": person.birth_year,
            "relationship": relationship(person, self.family.head), "sex": person.sex, "ethnicity": person.people,
            "political_status": person.party if age >= 14 else "群众", "education": person.education(year),
            "school_status": "九年级" if school == NOT_IN_SCHOOL and age == 15 else school, "health": person.health,
            "disability_card": person.citizen_number + person.disability if person.disability else "",
            "labour_skill": person.labour_skill(year), "work_region": person.region if months else "",
            "work_months": months * 100 if months else 0, "has_medical_insurance": rng.random() < 0.985,
            "has_critical_illness_cover": rng.random() < 0.95,
            "has_pension_insurance": person.pension_insured if age >= 16 and not person.grade(year) else False,
            "status": person.status(year, self.first), "left_behind": left_behind(person, year, away),
            "phone": person.phone}


def _second_causes(rng: Random, main: str) -> str:
    number = rng.choices((0, 1, 2), (45, 40, 15))[0]
    others = [cause.value for cause in shares.SECOND_CAUSES if cause != Cause(main)]
    return ",".join(rng.sample(others, number))

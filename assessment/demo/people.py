"""A made-up person: kinship, schooling, health, work; what the register would say of the person in a year."""
from dataclasses import dataclass, field
from random import Random

from assessment.demo.shares import FAR_REGIONS, SKILLS_OF_ADULTS, WORK_REGIONS
from households.codes import NOT_IN_SCHOOL, LabourSkill, LeftBehind, MemberStatus

UPPER_YEARS = ("一年级", "二年级", "三年级")
_SKILLS, _SKILL_WEIGHTS = list(SKILLS_OF_ADULTS), list(SKILLS_OF_ADULTS.values())
_REGIONS, _REGION_WEIGHTS = list(WORK_REGIONS), list(WORK_REGIONS.values())
COMPULSORY_GRADES, UPPER_GRADES, LAST_GRADE = range(1, 10), range(10, 13), 16
WORKING_AGE, RETIRED = 16, 60


@dataclass(eq=False, slots=True)
class Person:
    """Somebody of a family; `serial` 0 is a relative who is not in the register and only links generations."""

    sex: str
    birth_year: int
    surname: str = ""
    given: str = ""
    citizen_number: str = ""
    serial: int = 0
    father: "Person | None" = None
    mother: "Person | None" = None
    spouse: "Person | None" = None
    joined: int = 0                  # year of entry into the register
    left: int = 0                    # year of leaving it; 0: still there
    left_as: str = ""
    chronic: bool = False
    serious: bool = False
    disability: str = ""             # kind and grade, as on the card
    unable: bool = False             # has lost the capacity to work for good
    weak: bool = False
    school_years: int = 9            # how long this person goes to school
    vocational: bool = False
    skill: str = ""
    region: str = ""
    works: bool = True
    months: int = 10
    adult_education: str = ""
    party: str = "群众"
    pension_insured: bool = True
    phone: str = ""
    people: str = field(default="汉族")

    @property
    def name(self) -> str:
        return self.surname + self.given

    def age(self, year: int) -> int:
        """On 31 December."""
        return year - self.birth_year

    def is_listed(self, year: int) -> bool:
        """In the register in that year, leaving included."""
        return 0 < self.joined <= year and (not self.left or year <= self.left)

    def is_active(self, year: int) -> bool:
        return 0 < self.joined <= year and (not self.left or year < self.left)

    def status(self, year: int, first_year: int) -> str:
        if self.left == year:
            return self.left_as
        return (MemberStatus.ADDED if self.joined == year > first_year else MemberStatus.NORMAL).value

    def grade(self, year: int) -> int:
        """School year: 1 to 6 primary, to 9 junior, to 12 senior, then beyond; 0 when not at school."""
        grade = self.age(year) - 5 - (self.citizen_number[10:12] >= "09")
        return grade if 1 <= grade <= self.school_years else 0

    def is_able(self, year: int) -> bool:
        return self.labour_skill(year) in (LabourSkill.ORDINARY, LabourSkill.SKILLED, LabourSkill.WEAK)

    def labour_skill(self, year: int) -> str:
        age = self.age(year)
        if self.unable:
            return (LabourSkill.LOST if WORKING_AGE <= age < RETIRED else LabourSkill.NONE).value
        if age < WORKING_AGE or self.grade(year):
            return LabourSkill.NONE.value
        if age >= RETIRED:
            return (LabourSkill.WEAK if age < RETIRED + 6 and self.works and not self.serious else LabourSkill.NONE).value
        if self.serious or self.weak or self.disability:
            return LabourSkill.WEAK.value
        return self.skill

    def earning_months(self, year: int) -> int:
        if not self.works or not self.is_able(year):
            return 0
        return self.months if self.labour_skill(year) != LabourSkill.WEAK else min(self.months, 5)

    def school_status(self, year: int) -> str:
        grade = self.grade(year)
        if not grade:
            return "学前教育" if 3 <= self.age(year) <= 6 else NOT_IN_SCHOOL
        if grade <= 6:
            return "小学"
        if grade <= 9:
            return "七八九"[grade - 7] + "年级"
        if grade in UPPER_GRADES:
            return ("中职" if self.vocational else "高中") + UPPER_YEARS[grade - 10]
        return "大专及以上"

    def education(self, year: int) -> str:
        grade = self.grade(year)
        if not grade:
            return "学龄前儿童" if self.age(year) <= 6 else self.adult_education or "初中"
        return "小学" if grade <= 6 else "初中" if grade <= 9 else "高中" if grade in UPPER_GRADES else "大专及以上"

    @property
    def health(self) -> str:
        states = [label for given, label in ((self.chronic, "长期慢性病"), (self.serious, "患有大病"),
                                             (self.disability, "残疾")) if given]
        return "、".join(states) or "健康"

    @property
    def works_far_away(self) -> bool:
        return self.region in FAR_REGIONS


def settle(rng: Random, person: Person, year: int) -> Person:
    """Draw what stays with a person for life: schooling, skill, where work is found."""
    age = person.age(year)
    if age < 25:
        way = rng.random()
        person.school_years = 9 if way < 0.22 else 12 if way < 0.68 else LAST_GRADE if way < 0.99 else 8
        person.vocational = rng.random() < 0.4 and person.school_years == 12
        person.adult_education = "初中" if person.school_years <= 9 else "高中" if person.school_years == 12 else "大专及以上"
        person.party = "共青团员" if 14 <= age and rng.random() < 0.4 else "群众"
    else:
        shares = (30, 58, 11, 1, 0) if age >= 65 else (3, 47, 41, 8, 1) if age >= 45 else (1, 14, 61, 17, 7)
        person.adult_education = rng.choices(("文盲或半文盲", "小学", "初中", "高中", "大专及以上"), shares)[0]
        person.school_years = 0
        person.party = "中共党员" if rng.random() < 0.03 else "群众"
    person.skill = rng.choices(_SKILLS, _SKILL_WEIGHTS)[0].value
    person.region = rng.choices(_REGIONS, _REGION_WEIGHTS)[0]
    person.works = rng.random() < (0.72 if person.sex == "male" else 0.6)
    person.months = rng.choice((3, 4, 6, 6, 8, 8, 9, 10, 10, 10, 11, 12))
    person.pension_insured = rng.random() < 0.94
    person.people = "畲族" if rng.random() < 0.002 else "汉族"
    return person


def relationship(person: Person, head: Person) -> str:
    """How the person is related to the head, as code of households.codes.Relationship."""
    if person is head:
        return "head"
    if person.spouse is head:
        return "spouse"
    couple = (head, head.spouse) if head.spouse else (head,)
    if _child_of(person, couple):
        return "son" if person.sex == "male" else "daughter"
    if person.spouse and _child_of(person.spouse, couple):
        return "son_in_law" if person.sex == "male" else "daughter_in_law"
    for parent in (person.father, person.mother):
        if parent and _child_of(parent, couple):
            if parent.sex == "male":
                return "grandson" if person.sex == "male" else "granddaughter"
            return "daughters_son" if person.sex == "male" else "daughters_daughter"
    return _elder(person, head)


def _child_of(person: Person, couple) -> bool:
    return any(parent is not None and parent in couple for parent in (person.father, person.mother))


def _elder(person: Person, head: Person) -> str:
    male = person.sex == "male"
    if person in (head.father, head.mother):
        return "father" if male else "mother"
    if head.spouse and person in (head.spouse.father, head.spouse.mother):
        side = "wifes" if head.sex == "male" else "husbands"
        return f"{side}_father" if male else f"{side}_mother"
    for parent, side in ((head.father, ""), (head.mother, "maternal_")):
        if parent and person in (parent.father, parent.mother):
            return f"{side}grandfather" if male else f"{side}grandmother"
    return "other"


def left_behind(person: Person, year: int, away: bool) -> str:
    """Whom migrants leave behind: `away`, a parent, spouse or child of the household works far from home."""
    if not away or not person.is_active(year):
        return ""
    age = person.age(year)
    if age < WORKING_AGE:
        return LeftBehind.CHILD.value
    if age >= RETIRED:
        return LeftBehind.ELDER.value
    return LeftBehind.WOMAN.value if person.sex == "female" and not person.earning_months(year) else ""

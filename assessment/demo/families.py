"""Made-up families: how they are put together, and what happens to them from one year to the next."""
from dataclasses import dataclass, field
from random import Random

from assessment.demo import numbers, shares
from assessment.demo.names import Lineages, any_surname, given_name
from assessment.demo.people import RETIRED, WORKING_AGE, Person, settle
from households.codes import Category, Cause, MemberStatus

_CHILDREN = ((1, 2, 3, 4), (22, 46, 24, 8))


@dataclass
class Family:
    """A family with what stays the same over the years."""

    kind: str
    head: Person
    people: list[Person] = field(default_factory=list)
    category: str = Category.ORDINARY.value
    cause: str = Cause.OTHER.value
    urban: bool = False

    def active(self, year: int) -> list[Person]:
        return [p for p in self.people if p.is_active(year)]

    def is_able(self, year: int) -> bool:
        return any(p.is_able(year) for p in self.people if p.is_active(year))


class Founder:
    """Founds the families of one village and lets them grow older."""

    def __init__(self, rng: Random, citizens: numbers.CitizenNumbers, lineages: Lineages, first_year: int):
        self.rng, self.citizens, self.lineages, self.year = rng, citizens, lineages, first_year

    def person(self, sex: str, birth_year: int, surname: str, *, married_in: bool = False) -> Person:
        rng = self.rng
        share = shares.MARRIED_IN_FROM_ELSEWHERE if married_in else shares.BORN_ELSEWHERE
        number = self.citizens.issue(birth_year, sex, elsewhere=rng.random() < share)
        person = Person(sex, int(number[6:10]), surname, given_name(rng, sex), number)
        return settle(rng, person, self.year)

    def join(self, family: Family, person: Person, year: int) -> Person:
        family.people.append(person)
        person.serial, person.joined = len(family.people), year
        if person.age(year) >= 20 and self.rng.random() < 0.5:
            person.phone = numbers.phone(self.rng)
        return person

    def found(self, year: int, urban: bool, dibao_only: bool) -> Family:
        """A family as it is when it enters the register."""
        self.year = year
        kind = self.rng.choices(list(shares.RURAL_FAMILIES), list(shares.RURAL_FAMILIES.values()))[0]
        family = getattr(self, f"_{kind}")(kind)
        family.urban = urban
        self._give_reasons(family, dibao_only)
        return family

    def _begin(self, kind: str, sex: str, age: int) -> Family:
        surname = self.lineages.surname(self.rng) if sex == "male" else any_surname(self.rng)
        head = self.person(sex, self.year - age, surname, married_in=sex == "female")
        family = Family(kind, head)
        self.join(family, head, self.year)
        return family

    def _marry(self, family: Family, person: Person, year: int) -> Person:
        birth = min(person.birth_year + self.rng.randint(-2, 5), year - 20)
        other = "female" if person.sex == "male" else "male"
        spouse = self.person(other, birth, any_surname(self.rng), married_in=other == "female")
        person.spouse, spouse.spouse = spouse, person
        return self.join(family, spouse, year)

    def _child(self, family: Family, father: Person | None, mother: Person | None, birth: int, year: int) -> Person:
        surname = (father or mother or family.head).surname
        child = self.person(self.rng.choice(("male", "female")), birth, surname)
        child.father, child.mother = father, mother
        return self.join(family, child, year)

    def _children(self, family: Family, father: Person | None, mother: Person | None) -> None:
        """Children still at home: daughters marry away, grown sons often have a household of their own."""
        rng, parent = self.rng, mother or father or family.head
        birth = parent.birth_year + rng.randint(21, 32)
        for _ in range(rng.choices(*_CHILDREN)[0]):
            age = self.year - birth
            if age < 0:
                break
            if age < 22 or (age < 40 and rng.random() < 0.35):
                self._child(family, father, mother, birth, self.year)
            birth += rng.randint(2, 4)

    def _couple_with_children(self, kind: str) -> Family:
        family = self._begin(kind, "male", self.rng.randint(31, 58))
        self._children(family, family.head, self._marry(family, family.head, self.year))
        return family

    def _three_generations(self, kind: str) -> Family:
        family = self._couple_with_children(kind)
        head, rng = family.head, self.rng
        grown = [p for p in family.people if p.father is head and p.sex == "male" and p.age(self.year) >= 25]
        if grown and rng.random() < 0.6:
            wife = self._marry(family, grown[0], self.year)
            for _ in range(rng.randint(1, 2)):
                self._child(family, grown[0], wife, self.year - rng.randint(0, 6), self.year)
        else:
            sex = rng.choice(("female", "female", "male"))
            surname = head.surname if sex == "male" else any_surname(rng)
            parent = self.person(sex, max(head.birth_year - rng.randint(20, 33), self.year - 98), surname)
            setattr(head, "father" if sex == "male" else "mother", parent)
            self.join(family, parent, self.year)
        return family

    def _single_parent(self, kind: str) -> Family:
        sex = self.rng.choice(("male", "female"))
        family = self._begin(kind, sex, self.rng.randint(30, 52))
        father, mother = (family.head, None) if sex == "male" else (None, family.head)
        self._children(family, father, mother)
        return family

    def _couple(self, kind: str) -> Family:
        family = self._begin(kind, "male", self.rng.randint(40, 59))
        self._marry(family, family.head, self.year)
        return family

    def _single_adult(self, kind: str) -> Family:
        return self._begin(kind, self.rng.choice(("male", "male", "male", "female")), self.rng.randint(30, 58))

    def _old_couple(self, kind: str) -> Family:
        family = self._begin(kind, "male", self.rng.randint(66, 86))
        return self._retire(self._with_wife(family))

    def _with_wife(self, family: Family) -> Family:
        self._marry(family, family.head, self.year)
        return family

    def _old_single(self, kind: str) -> Family:
        return self._retire(self._begin(kind, self.rng.choice(("male", "female", "female")), self.rng.randint(66, 92)))

    def _old_and_grandchild(self, kind: str) -> Family:
        family = self._begin(kind, self.rng.choice(("male", "female")), self.rng.randint(62, 76))
        if family.head.sex == "male" and self.rng.random() < 0.5:
            self._marry(family, family.head, self.year)
        # The parents in between are not in the register: gone, or registered elsewhere.
        father = Person("male", family.head.birth_year + 25, family.head.surname)
        setattr(father, "father" if family.head.sex == "male" else "mother", family.head)
        for _ in range(self.rng.choice((1, 1, 2))):
            child = self._child(family, father, None, self.year - self.rng.randint(2, 13), self.year)
            if family.head.sex == "female":
                child.surname = any_surname(self.rng)
        return self._retire(family)

    def _ill_family(self, kind: str) -> Family:
        """Adults who cannot work, with or without a child."""
        rng = self.rng
        family = self._begin(kind, rng.choice(("male", "male", "female")), rng.randint(35, 58))
        head = family.head
        if head.sex == "male" and rng.random() < 0.4:
            self._marry(family, head, self.year)
        if rng.random() < 0.55:
            father, mother = (head, head.spouse) if head.sex == "male" else (head.spouse, head)
            self._child(family, father, mother, self.year - rng.randint(1, 12), self.year)
        return self._retire(family)

    def _tekun_single(self, kind: str) -> Family:
        old = self.rng.random() < 0.85
        age = self.rng.randint(62, 90) if old else self.rng.randint(35, 59)
        return self._retire(self._begin(kind, self.rng.choice(("male", "male", "male", "male", "female")), age))

    def _tekun_pair(self, kind: str) -> Family:
        return self._old_couple(kind)

    def _retire(self, family: Family) -> Family:
        """Nobody of these families can work: too old, too young, or unable."""
        for person in family.people:
            if person.age(self.year) >= WORKING_AGE:
                person.unable = True
                if person.age(self.year) < RETIRED and not person.disability:
                    self._impair(person)
        return family

    def _impair(self, person: Person) -> None:
        if self.rng.random() < 0.6:
            kind = self.rng.choices((1, 2, 3, 4, 5, 6, 7), (10, 8, 4, 44, 14, 17, 3))[0]
            person.disability = f"{kind}{self.rng.choice('1223')}"
        else:
            person.serious = True

    def _give_reasons(self, family: Family, dibao_only: bool) -> None:
        """Category and main cause; the cause shows in the family (illness in a person, and so on)."""
        rng, able = self.rng, family.kind in shares.ABLE_FAMILIES
        if family.kind in shares.TEKUN_FAMILIES:
            family.category = Category.TEKUN.value
        elif dibao_only or rng.random() < (shares.DIBAO_AMONG_ABLE if able else shares.DIBAO_AMONG_UNABLE):
            family.category = Category.DIBAO.value
        causes = shares.CAUSES_OF_ABLE if able else shares.CAUSES_OF_UNABLE
        cause = rng.choices(list(causes), list(causes.values()))[0]
        people, year = family.people, self.year
        if cause == Cause.SCHOOLING and not any(p.grade(year) >= 10 for p in people):
            children = [p for p in people if 15 <= p.age(year) <= 21]
            cause = Cause.SCHOOLING if children else Cause.SKILL
            for child in children[:1]:
                child.school_years, child.adult_education = 16, "大专及以上"
                cause = Cause.SCHOOLING if child.grade(year) >= 10 else Cause.SKILL
        if cause == Cause.LABOUR and able and sum(p.is_able(year) for p in people) * 2 > len(people):
            cause = Cause.ILLNESS
        if cause == Cause.ILLNESS and not any(p.chronic or p.serious for p in people):
            person = self._one_of(people)
            person.chronic, person.serious = (True, False) if rng.random() < 0.6 else (False, True)
        if cause == Cause.DISABILITY and not any(p.disability for p in people):
            self._one_of(people).disability = f"{rng.choice('1444567')}{rng.choice('22334')}"
        family.cause = cause.value
        for person in people:
            if person.age(year) >= RETIRED and rng.random() < 0.4:
                person.chronic = True
        if able and not family.is_able(year):
            family.head.unable = family.head.serious = False

    def _one_of(self, people: list[Person]) -> Person:
        """Rather not the only one who can work."""
        others = [p for p in people[1:] if p.age(self.year) >= WORKING_AGE]
        return self.rng.choice(others) if others and self.rng.random() < 0.8 else people[0]

    def grow_older(self, family: Family, year: int) -> bool:
        """One year more: births, marriages, deaths. False when nobody is left and the household is closed."""
        rng, self.year = self.rng, year
        for person in family.active(year):
            self._may_leave(family, person, year)
        active = family.active(year)
        if not active:
            return False
        for person in active:
            if not person.chronic and rng.random() < shares.FALLS_ILL * (2 if person.age(year) > 50 else 1):
                person.chronic = True
            self._may_join(family, person, year)
        if not family.head.is_active(year):
            family.head = self._next_head(family, year)
        return True

    def _may_leave(self, family: Family, person: Person, year: int) -> None:
        age, rng = person.age(year), self.rng
        dies = 0.0005 + 0.00003 * 1.10 ** age * (1.4 if person.serious else 1)
        if rng.random() < min(dies, 0.4):
            person.left, person.left_as = year, MemberStatus.DECREASED.value
        elif person.sex == "female" and person is not family.head and 21 <= age <= 30 and not person.spouse:
            if rng.random() < shares.MARRIED_OUT * 3:
                person.left, person.left_as = year, MemberStatus.DECREASED.value
        elif person is not family.head and 20 <= age and rng.random() < shares.REMOVED:
            person.left, person.left_as = year, MemberStatus.REMOVED.value

    def _may_join(self, family: Family, person: Person, year: int) -> None:
        age, rng, spouse = person.age(year), self.rng, person.spouse
        if person.sex == "female" and 20 <= age <= 41 and spouse and spouse.is_active(year) and person.joined < year:
            if rng.random() < shares.BIRTHS * (1.6 if age < 32 else 0.4) and len(family.people) < 12:
                self._child(family, spouse, person, year, year)
        elif person.sex == "male" and 22 <= age <= 38 and not spouse and person.is_able(year):
            if rng.random() < shares.MARRIAGES:
                self._marry(family, person, year)

    def _next_head(self, family: Family, year: int) -> Person:
        active = family.active(year)
        if family.head.spouse in active:
            return family.head.spouse
        adults = [p for p in active if p.age(year) >= 18]
        return min(adults or active, key=lambda p: (p.birth_year, p.serial))

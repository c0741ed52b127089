"""Small makers of register rows for tests: valid by default, every fact can be said otherwise."""
from datetime import date
from decimal import Decimal

from households.models import Household, HouseholdYear, Member, MemberYear
from office.fields import ring
from office.models import Officer, Posting
from villages.models import VillageYear

VILLAGE = "441424134001"          # a village of 五华县 in the 2017 edition
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int = 1, *, born: date = date(1970, 1, 1), prefix: str = "441424", male: bool = True) -> str:
    """A valid GB 11643 number; the serial makes it one's own."""
    order = serial * 2 + (1 if male else 0)
    body = f"{prefix}{born:%Y%m%d}{order % 1000:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def make_officer(username: str, role: str, area_code: str, *, password: str | None = None, **fields) -> Officer:
    """A login with one posting in force."""
    officer = Officer(username=username, name=fields.pop("name", username), **fields)
    officer.set_password(password) if password else officer.set_unusable_password()
    officer.save()
    Posting.objects.create(officer=officer, role=role, area_id=area_code, starts_on=date(2016, 1, 1))
    return officer


_made = 0


def make_household(village: str = VILLAGE, year: int = 2018, *, serial: int = 1, members=({},), **facts) -> HouseholdYear:
    """A household-year with its members; each member is a dict of facts, the first one is the head."""
    global _made
    no = f"{village}{serial:04d}"
    household, _ = Household.objects.get_or_create(no=no, defaults={"village_id": village})
    values = {"head_name": "陈志强", "category": "ordinary", "labour_capacity": True, "main_cause": "illness",
              "food_secure": True, "clothing_secure": True, "education_secure": True, "medical_secure": True,
              "housing_secure": True, "on_dibao": None} | facts
    for key, value in values.items():
        if key.endswith(("_income", "_expense")) and value is not None:
            values[key] = Decimal(str(value))
    row = HouseholdYear.objects.create(household=household, village_id=village, year=year, **values)
    for position, person in enumerate(members, start=1):
        _made += 1
        person = dict(person)
        born = person.pop("birth_year", 1970)
        number = person.pop("id_number", None) or id_number(_made, born=date(born, 1, 1 + _made // 500 % 28), male=False)
        member, _ = Member.objects.get_or_create(no=f"{no}{position:02d}", defaults={"household": household})
        MemberYear.objects.create(**{
            "member": member, "household_year": row, "year": year, "name": row.head_name if position == 1 else "陈小明",
            "id_number": number, "id_number_index": ring.blind_index(number),
            "id_tail_index": ring.blind_index(number[-6:]), "birth_year": born,
            "relationship": "head" if position == 1 else "son", "labour_skill": "ordinary"} | person)
    return row


def make_village(village: str = VILLAGE, year: int = 2018, *, poor: bool = True, income=None, **facts) -> VillageYear:
    return VillageYear.objects.create(
        village_id=village, year=year, is_poor_village=poor,
        pc_disposable_income=None if income is None else Decimal(str(income)), **facts)

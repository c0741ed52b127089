"""A login for every role, in places that have something to show; passwords are drawn, never written in code."""
import datetime
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Count

from assessment.demo.names import any_surname, given_name
from households.models import Household
from office.actions import appoint, create_officer
from office.models import Area, Level, Officer, code_range
from office.roles import Role

# Username, role, and which place of the area it is for.
POSTS = (
    ("village_worker", Role.VILLAGE_WORKER, "village"), ("town_clerk", Role.TOWN_CLERK, "town"),
    ("town_clerk_2", Role.TOWN_CLERK, "second_town"), ("town_leader", Role.TOWN_LEADER, "town"),
    ("county_office", Role.COUNTY_OFFICE, "county"), ("county_leader", Role.COUNTY_LEADER, "county"),
    ("finance", Role.FINANCE, "county"), ("auditor", Role.AUDITOR, "county"),
    ("city_office", Role.CITY_OFFICE, "city"), ("system_admin", Role.SYSTEM_ADMIN, "county"),
    ("security_admin", Role.SECURITY_ADMIN, "county"), ("audit_admin", Role.AUDIT_ADMIN, "county"),
)


@dataclass(frozen=True)
class Login:
    """A login as it is handed over; `password` stands nowhere else in clear."""

    username: str
    role: str
    role_label: str
    area: str
    area_name: str
    password: str

    @property
    def public(self) -> dict[str, str]:
        return {"username": self.username, "role": self.role, "area": self.area}


def check_password(password: str) -> None:
    """Raises ValidationError when the password could not be given to every login."""
    for username, _, _ in POSTS:
        validate_password(password, Officer(username=username))


def make_logins(area: Area, since: int, seed: int, file: Path, password: str | None = None) -> list[Login]:
    """Create all logins, posted since 1 January of the year, and keep them in `file`, readable by its owner only."""
    places, rng = _places(area), Random(f"{seed}/logins")
    with transaction.atomic():
        made = []
        for username, role, where in POSTS:
            place = places[where]
            name = any_surname(rng) + given_name(rng, rng.choice(("male", "female")))
            officer, secret = create_officer(username=username, name=name, password=password, must_change=False)
            appoint(officer=officer, role=role, area=place, starts_on=datetime.date(since, 1, 1), by=None)
            made.append(Login(username, role.value, role.label, place.code, place.name, secret))
        _keep(made, file)
    return made


def kept_logins(file: Path) -> list[Login]:
    """The logins that were made before an interruption."""
    return [Login(**one) for one in json.loads(file.read_text(encoding="utf-8"))]


def _places(area: Area) -> dict[str, Area]:
    """The two townships with the most households of the county with the most, and the largest village of the first."""
    found = {}
    county = area if area.level == Level.COUNTY else _largest(area, 6)[0]
    towns = _largest(county, 9)
    found["town"], found["second_town"] = towns[0], towns[-1] if len(towns) < 2 else towns[1]
    found["village"] = _largest(found["town"], 12)[0]
    found["county"] = county
    found["city"] = next(a for a in county.trail if a.level == Level.CITY)
    return found


def _largest(area: Area, digits: int) -> list[Area]:
    """Areas one level below, the one with the most households first."""
    lo, hi = code_range(area.code)
    counted: dict[str, int] = {}
    villages = Household.objects.filter(village_id__gte=lo, village_id__lt=hi).order_by().values_list("village_id")
    for village, number in villages.annotate(number=Count("no")):
        code = village[:digits].ljust(12, "0")
        counted[code] = counted.get(code, 0) + number
    below = Area.objects.in_bulk(list(counted))
    return [below[code] for code in sorted(counted, key=lambda c: (-counted[c], c))]


def _keep(logins: list[Login], file: Path) -> None:
    unfinished = file.with_suffix(".part")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump([asdict(login) for login in logins], out, ensure_ascii=False, indent=1)
    unfinished.replace(file)

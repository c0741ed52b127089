"""What is looked at in the supervision of the money, and grouping it by the places one level below."""
from dataclasses import dataclass

from django.db.models import Value
from django.db.models.functions import Concat, Left

from funds.models import Project
from funds.states import ProjectState
from office.models import Area, Officer

_NEXT_DIGITS = {"province": 4, "city": 6, "county": 9, "township": 12, "village": 12}


@dataclass(frozen=True)
class View:
    """An area and everything below it, narrowed by programme and year; only what the officer may see."""

    officer: Officer
    area: Area
    programme: str = ""
    year: int | None = None
    q: str = ""

    def narrowed(self, programme: str = "programme_id", year: str = "year") -> dict:
        """The conditions by column."""
        asked = {programme: self.programme, year: self.year}
        return {column: value for column, value in asked.items() if value}

    def projects(self):
        """Projects of the library, those waiting or taken out left out."""
        found = Project.objects.visible_to(self.officer).in_area(self.area.pk).filter(entered_on__isnull=False)
        return found.exclude(state=ProjectState.REMOVED).filter(**self.narrowed())


def next_place(area: Area, column: str):
    """The code of the place below `area` (or of itself) that the column's code lies in."""
    digits = _NEXT_DIGITS[area.level]
    return Concat(Left(column, digits), Value("0" * (12 - digits)))


def names_of(codes) -> dict[str, str]:
    """Names of areas by code."""
    return dict(Area.objects.filter(pk__in=list(codes)).values_list("pk", "name"))

"""What the register holds of the households and villages of a chunk, in the form in which the importer compares."""
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, models

from households.columns import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, VILLAGE_COLUMNS, RegisterColumn
from households.models import HouseholdYear, MemberYear
from office.fields import EncryptedField, ring
from villages.models import VillageYear

MEMBER_FIELDS = tuple(column for column in MEMBER_COLUMNS.columns if column.key != "household_id")


class Stored(NamedTuple):
    """A row of the register: its id, and its values in the order of the sheet's columns."""

    id: int
    content: tuple


class Registered(NamedTuple):
    """Rows by (household number, year); members by their number within."""

    households: dict[tuple[str, int], Stored]
    members: dict[tuple[str, int], dict[str, Stored]]


def context_of(model: type[models.Model], key: str) -> str | None:
    """The encryption context of a column; None when it is not encrypted."""
    field = model._meta.get_field(key)
    return field.context if isinstance(field, EncryptedField) else None


class _Reader:
    """Raw rows of a model as tuples in sheet order: past the model layer, which would build and convert every value."""

    def __init__(self, model: type[models.Model], columns: Sequence[RegisterColumn], lead: Sequence[str]) -> None:
        quote = connection.ops.quote_name
        names = [*lead, *(column.key for column in columns)]
        self.table = quote(model._meta.db_table)
        self.names = ", ".join(quote(model._meta.get_field(name).column) for name in names)
        self.lead = len(lead)
        self.model = model
        self._convert = [(place, self._converter(column)) for place, column in enumerate(columns)
                         if context_of(model, column.key) or column.kind in ("yesno", "number", "date", "choice")]

    def _converter(self, column: RegisterColumn):
        context = context_of(self.model, column.key)
        if context:
            return lambda raw: ring.decrypt(raw, context) if raw else ""
        if column.kind == "choice" and not isinstance(next(iter(column.choices.values())), bool):
            return lambda raw: raw
        return column.from_database if column.kind != "choice" else bool

    def read(self, condition: str, parameters: Sequence[Any]) -> list[tuple[tuple, tuple]]:
        """(leading values, content) of each row."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.names} FROM {self.table} WHERE {condition}", parameters)
            rows = cursor.fetchall()
        found = []
        for row in rows:
            content = list(row[self.lead:])
            for place, convert in self._convert:
                content[place] = convert(content[place])
            found.append((row[:self.lead], tuple(content)))
        return found


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def load_households(numbers: Sequence[str], years: Sequence[int]) -> Registered:
    """Household-years and their members for these numbers and years."""
    found = Registered({}, {})
    reader = _Reader(HouseholdYear, HOUSEHOLD_COLUMNS.columns, ["id", "household_id"])
    condition = f"household_id IN ({_marks(numbers)}) AND year IN ({_marks(years)})"
    keys: dict[int, tuple[str, int]] = {}
    for (pk, number), content in reader.read(condition, [*numbers, *years]):
        key = (number, content[0])
        keys[pk] = key
        found.households[key] = Stored(pk, content)
        found.members[key] = {}
    if not keys:
        return found
    reader = _Reader(MemberYear, MEMBER_FIELDS, ["id", "household_year_id"])
    for (pk, household), content in reader.read(f"household_year_id IN ({_marks(keys)})", list(keys)):
        number, year = keys[household]
        found.members[number, year][content[1]] = Stored(pk, (content[0], number, *content[1:]))
    return found


def load_villages(codes: Sequence[str], years: Sequence[int]) -> dict[tuple[str, int], Stored]:
    reader = _Reader(VillageYear, VILLAGE_COLUMNS.columns, ["id"])
    condition = f"village_id IN ({_marks(codes)}) AND year IN ({_marks(years)})"
    return {(content[1], content[0]): Stored(pk, content)
            for (pk,), content in reader.read(condition, [*codes, *years])}

"""Register rows read past the model layer: tuples in the order of a sheet's columns, in the form the importer keeps.

Building model objects would convert every value twice and cost five times the reading; import and export read millions.
"""
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models

from households.columns import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, VILLAGE_COLUMNS, RegisterColumn
from households.models import HouseholdYear, MemberYear
from office.fields import EncryptedField, ring
from villages.models import VillageYear

# The sheet's household number is no column of the member's row: it begins the member's own number.
MEMBER_FIELDS = tuple(column for column in MEMBER_COLUMNS.columns if column.key != "household_id")
HOUSEHOLD_DIGITS = 16
PAGE = 2000


def context_of(model: type[models.Model], key: str) -> str | None:
    """The encryption context of a column; None when it is not encrypted."""
    field = model._meta.get_field(key)
    return field.context if isinstance(field, EncryptedField) else None


class RawRows:
    """Reads one model's rows; `lead` are further columns that come before the content."""

    def __init__(self, model: type[models.Model], columns: Sequence[RegisterColumn], lead: Sequence[str]) -> None:
        self.model = model
        names = [*lead, *(column.key for column in columns)]
        self._table = connection.ops.quote_name(model._meta.db_table)
        self._names = ", ".join(connection.ops.quote_name(model._meta.get_field(name).column) for name in names)
        self._lead = len(lead)
        self._convert = [(place, convert) for place, column in enumerate(columns)
                         if (convert := self._converter(column)) is not None]

    def _converter(self, column: RegisterColumn):
        context = context_of(self.model, column.key)
        if context:
            return lambda raw: ring.decrypt(raw, context) if raw else ""
        if column.kind == "choice" and isinstance(next(iter(column.choices.values())), bool):
            return bool
        return column.from_database if column.kind in ("yesno", "number", "date") else None

    def where(self, condition: str, parameters: Sequence[Any], tail: str = "") -> list[tuple[tuple, tuple]]:
        """(leading values, content) of each row that meets a condition in SQL."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self._names} FROM {self._table} WHERE {condition} {tail}", parameters)
            rows = cursor.fetchall()
        found = []
        for row in rows:
            content = list(row[self._lead:])
            for place, convert in self._convert:
                content[place] = convert(content[place])
            found.append((row[:self._lead], tuple(content)))
        return found

    def pages(self, key: str, year: int, low: str, high: str) -> Iterator[tuple]:
        """All rows of a year whose number lies in a range, by number, a page at a time: memory does not grow."""
        quoted = connection.ops.quote_name(self.model._meta.get_field(key).column)
        condition, last = f"year = %s AND {quoted} >= %s AND {quoted} < %s", low
        while page := self.where(condition, [year, last, high], f"ORDER BY {quoted} LIMIT {PAGE}"):
            for _, content in page:
                yield content
            if len(page) < PAGE:
                return
            condition, last = f"year = %s AND {quoted} > %s AND {quoted} < %s", page[-1][0][0]


def household_rows(year: int, low: str, high: str) -> Iterator[tuple]:
    """The sheet 贫困户 of a year, for numbers from `low` up to but not including `high`."""
    return RawRows(HouseholdYear, HOUSEHOLD_COLUMNS.columns, ["household_id"]).pages("household_id", year, low, high)


def member_rows(year: int, low: str, high: str) -> Iterator[tuple]:
    for content in RawRows(MemberYear, MEMBER_FIELDS, ["member_id"]).pages("member_id", year, low, high):
        yield with_household(content)


def village_rows(year: int, low: str, high: str) -> Iterator[tuple]:
    return RawRows(VillageYear, VILLAGE_COLUMNS.columns, ["village_id"]).pages("village_id", year, low, high)


def with_household(content: tuple) -> tuple:
    """A member's content as the sheet has it: year, household, member, …"""
    return (content[0], content[1][:HOUSEHOLD_DIGITS], *content[1:])

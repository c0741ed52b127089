"""What the register holds of the households and villages of a chunk, in the form in which the importer compares."""
from collections.abc import Sequence
from typing import Any, NamedTuple

from households.columns import HOUSEHOLD_COLUMNS, VILLAGE_COLUMNS
from households.models import HouseholdYear, MemberYear
from households.raw_rows import MEMBER_FIELDS, RawRows, with_household
from villages.models import VillageYear


class Stored(NamedTuple):
    """A row of the register: its id, and its values in the order of the sheet's columns."""

    id: int
    content: tuple


class Registered(NamedTuple):
    """Rows by (household number, year); members by their number within."""

    households: dict[tuple[str, int], Stored]
    members: dict[tuple[str, int], dict[str, Stored]]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def load_households(numbers: Sequence[str], years: Sequence[int]) -> Registered:
    """Household-years and their members for these numbers and years."""
    found = Registered({}, {})
    condition = f"household_id IN ({_marks(numbers)}) AND year IN ({_marks(years)})"
    keys: dict[int, tuple[str, int]] = {}
    rows = RawRows(HouseholdYear, HOUSEHOLD_COLUMNS.columns, ["id", "household_id"])
    for (pk, number), content in rows.where(condition, [*numbers, *years]):
        key = keys[pk] = (number, content[0])
        found.households[key] = Stored(pk, content)
        found.members[key] = {}
    if not keys:
        return found
    rows = RawRows(MemberYear, MEMBER_FIELDS, ["id", "household_year_id"])
    for (pk, household), content in rows.where(f"household_year_id IN ({_marks(keys)})", list(keys)):
        found.members[keys[household]][content[1]] = Stored(pk, with_household(content))
    return found


def load_villages(codes: Sequence[str], years: Sequence[int]) -> dict[tuple[str, int], Stored]:
    rows = RawRows(VillageYear, VILLAGE_COLUMNS.columns, ["id"])
    condition = f"village_id IN ({_marks(codes)}) AND year IN ({_marks(years)})"
    return {(content[1], content[0]): Stored(pk, content)
            for (pk,), content in rows.where(condition, [*codes, *years])}

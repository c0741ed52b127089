"""Writes the plans of a chunk into the register, in the transaction of the caller, through the helper that keeps history."""
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from households.codes import Relationship
from households.columns import HOUSEHOLD_COLUMNS, VILLAGE_COLUMNS, RegisterColumn
from households.importer.plans import CREATED, UPDATED, Change, H, M, Plan
from households.models import Household, HouseholdYear, Member, MemberYear
from households.raw_rows import MEMBER_FIELDS, context_of
from office import history, identity
from office.fields import ring
from office.pinyin import initials
from villages.models import VillageYear

# What two unique constraints look at: a row that changes one of these is first moved out of the way of the others.
_CONTESTED = [M["id_number"], M["relationship"], M["status"]]
ID_TAIL = 6


class Writer:
    """Writes plans as one person's change with one reason."""

    def __init__(self, by, reason: str) -> None:
        self.by, self.reason = by, reason
        self._household = _Form(HouseholdYear, HOUSEHOLD_COLUMNS.columns)
        self._member = _Form(MemberYear, MEMBER_FIELDS,
                             places=[place for key, place in M.items() if key != "household_id"])
        self._village = _Form(VillageYear, VILLAGE_COLUMNS.columns)

    def households(self, plans: Iterable[Plan]) -> None:
        """Households first, then their members: members refer to the rows just written."""
        plans = [plan for plan in plans if not plan.refused]
        created = [(plan, plan.own[0]) for plan in plans if plan.own and plan.own[0].outcome == CREATED]
        updated = [(plan, plan.own[0]) for plan in plans if plan.own and plan.own[0].outcome == UPDATED]
        _register(Household, [(plan.number, plan.number[:12]) for plan, _ in created], ["no", "village_id"])
        columns = [*self._household.names, "village_id", "head_initials"]
        ids = history.write(
            HouseholdYear, columns, [self._household_row(change) for _, change in created],
            [(change.stored.id, *self._household_row(change)) for _, change in updated], by=self.by, reason=self.reason)
        household_ids = {(plan.number, plan.year): plan.household.id for plan in plans if plan.household is not None}
        household_ids |= {(plan.number, plan.year): pk for (plan, _), pk in zip(created, ids, strict=True)}
        self._members(plans, household_ids)

    def _members(self, plans: Sequence[Plan], household_ids: dict[tuple[str, int], int]) -> None:
        created, updated, contested = [], [], []
        for plan in plans:
            household = household_ids[plan.number, plan.year] if plan.members else None
            for change in plan.members:
                if change.outcome == CREATED:
                    created.append((household, change))
                elif change.outcome == UPDATED:
                    updated.append((household, change))
                    if any(change.content[place] != change.stored.content[place] for place in _CONTESTED):
                        contested.append(change.stored.id)
        if contested:
            MemberYear.objects.filter(pk__in=contested).update(
                id_number_index=Concat(Value("moving-"), Cast("pk", CharField())), relationship=Relationship.OTHER)
        _register(Member, [(change.content[M["member_id"]], change.row.number) for _, change in created],
                  ["no", "household_id"])
        columns = [*self._member.names, "household_year_id", "name_initials", "id_number_index", "id_tail_index",
                   "birth_year"]
        history.write(MemberYear, columns, [self._member_row(*entry) for entry in created],
                      [(entry[1].stored.id, *self._member_row(*entry)) for entry in updated],
                      by=self.by, reason=self.reason)

    def villages(self, plans: Iterable[Plan]) -> None:
        changes = [plan.own[0] for plan in plans if not plan.refused]
        history.write(VillageYear, self._village.names,
                      [self._village(change.content) for change in changes if change.outcome == CREATED],
                      [(change.stored.id, *self._village(change.content))
                       for change in changes if change.outcome == UPDATED], by=self.by, reason=self.reason)

    def _household_row(self, change: Change) -> tuple:
        return (*self._household(change.content), change.row.number[:12], initials(change.content[H["head_name"]]))

    def _member_row(self, household: int, change: Change) -> tuple:
        content = change.content
        number = content[M["id_number"]]
        index = change.row.id_index or ring.blind_index(number)
        return (*self._member(content), household, initials(content[M["name"]]), index,
                ring.blind_index(number[-ID_TAIL:]), identity.birth_year(number))


class _Form:
    """Turns the kept form of a row into database values, personal numbers encrypted."""

    def __init__(self, model: type[models.Model], columns: Sequence[RegisterColumn],
                 places: Sequence[int] | None = None) -> None:
        self.names = [column.key for column in columns]
        self._places = places
        self._convert: list[tuple[int, Callable[[Any], Any]]] = []
        for place, column in enumerate(columns):
            if context := context_of(model, column.key):
                self._convert.append((place, _encryptor(context)))
            elif column.kind == "number":
                self._convert.append((place, column.to_database))

    def __call__(self, content: tuple) -> tuple:
        values = list(content) if self._places is None else [content[place] for place in self._places]
        for place, convert in self._convert:
            if values[place]:   # a blank stays blank, and a zero is written as it is
                values[place] = convert(values[place])
        return tuple(values)


def _encryptor(context: str) -> Callable[[str], str]:
    return lambda text: ring.encrypt(text, context)


def _register(model: type[models.Model], rows: Sequence[tuple], names: Sequence[str]) -> None:
    """Numbers for life, once: a household or person comes back every year under the same number."""
    wanted = dict(rows)
    if wanted:
        known = set(model.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        history.insert(model, names, [row for row in wanted.items() if row[0] not in known])

"""What changed in a household's rows, when, and through whom: read from the history tables, personal numbers masked."""
import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from django.db import models

from households.codes import Cause
from households.models import HouseholdYear, MemberYear
from office.fields import EncryptedField, MoneyField
from office.masking import mask_card, mask_id, mask_phone
from office.money import grouped

SHOWN = 30         # changes on the page, the newest
NAMED = 4          # rows named where several were added in one go
READ = 400         # history rows read for them; a household of eight over five years with some corrections has fewer
# Columns that only serve search, or that say nothing a reader does not see elsewhere.
SILENT = {"id", "updated_at", "head_initials", "name_initials", "id_number_index", "id_tail_index", "household", "member",
          "household_year", "year", "birth_year"}
MASKS = {"phone": mask_phone, "bank_card": mask_card, "id_number": mask_id, "disability_card": mask_id}
TYPES = {"+": "新增", "~": "修改", "-": "删除"}


@dataclass(frozen=True)
class Change:
    """One change of one row: fields as (label, before, after), empty for a row that was added or removed."""

    at: datetime.datetime
    by: str
    kind: str
    subject: str
    reason: str
    fields: tuple[tuple[str, str, str], ...]


def changes_of(household_years: Iterable[HouseholdYear]) -> list[Change]:
    """The newest changes of these household-years and of their members, newest first."""
    pks = [year.pk for year in household_years]
    own = HouseholdYear.history.model.objects.filter(id__in=pks)
    people = MemberYear.history.model.objects.filter(household_year_id__in=pks)
    found = [*_changes(own, lambda row: f"户 {row.year}年"), *_changes(people, lambda row: f"{row.name} {row.year}年")]
    found.sort(key=lambda change: (change.at, change.kind), reverse=True)
    return [_together(list(same)) for _, same in groupby(found, key=_occasion)][:SHOWN]


def _occasion(change: Change) -> tuple:
    """Rows added (or removed) in one go are one line of the table; corrections stay apart."""
    return change.at.replace(microsecond=0), change.by, change.kind, change.reason, change.subject if change.fields else ""


def _together(changes: list[Change]) -> Change:
    if len(changes) == 1:
        return changes[0]
    named = "、".join(dict.fromkeys(change.subject for change in changes[:NAMED]))
    more = f"等 {len(changes)} 条" if len(changes) > NAMED else ""
    return replace(changes[0], subject=named + more)


def _changes(history: models.QuerySet, subject) -> Iterable[Change]:
    """Each history row against the one before it of the same row; the oldest read tells nothing unless it is the first."""
    rows = list(history.select_related("history_user").order_by("id", "-history_date", "-history_id")[:READ])
    for newer, older in pairwise([*rows, None]):
        same = older is not None and older.id == newer.id
        if newer.history_type == "~" and not same:
            continue
        fields = tuple(_differences(older, newer)) if newer.history_type == "~" else ()
        if fields or newer.history_type != "~":
            yield Change(newer.history_date, str(newer.history_user or "系统"), TYPES[newer.history_type], subject(newer),
                         newer.history_change_reason or "", fields)


def _differences(older, newer) -> Iterable[tuple[str, str, str]]:
    for field in newer.tracked_fields:
        if field.name in SILENT:
            continue
        before, after = getattr(older, field.attname), getattr(newer, field.attname)
        if before != after:
            yield str(field.verbose_name), shown(field, before), shown(field, after)


def shown(field: models.Field, value) -> str:
    """A stored value as people read it; personal numbers masked, a blank as （空）."""
    if value is None or value == "":
        return "（空）"
    if isinstance(field, EncryptedField):
        return MASKS[field.name](value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(field, MoneyField):
        return f"{grouped(value)} 元"
    if field.name == "other_causes":
        labels = dict(Cause.choices)
        return "、".join(labels.get(code, code) for code in value.split(","))
    return str(dict(field.flatchoices).get(value, value))

"""What an import did: counts for the command, and the rows that the browser lists with their changes and findings."""
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from households.columns import HOUSEHOLDS, MEMBERS, SHEETS, VILLAGES, RegisterColumn
from households.importer.plans import CREATED, OUTCOMES, UPDATED, Change, H, M, Plan
from households.importer.staging import Scratch
from households.models import ImportBatch, ImportRow
from office import masking, money
from office.models import Area

KINDS = {HOUSEHOLDS: "households", MEMBERS: "members", VILLAGES: "villages"}
BLANK = "（空）"
MAX_NOTES = 100
_MASKS = {"id": masking.mask_id, "card": masking.mask_card, "phone": masking.mask_phone}

Counts = dict[str, dict[str, int]]


def no_counts() -> Counts:
    return {kind: dict.fromkeys(OUTCOMES, 0) for kind in KINDS.values()}


def count(counts: Counts, plans: Iterable[Plan]) -> None:
    """Add the rows of the plans: rows per year, as the sheets have them."""
    for plan in plans:
        own = counts[KINDS[plan.sheet]]
        for change in plan.own:
            own[change.outcome] += 1
        for change in plan.members:
            counts["members"][change.outcome] += 1


def readable(column: RegisterColumn, value: Any) -> str:
    """A kept value as a person reads it; personal numbers masked."""
    shown = column.shown(value)
    if shown is None:
        return BLANK
    if column.personal:
        return _MASKS[column.personal](shown)
    if column.kind == "money":
        return money.grouped(shown)
    if column.kind == "yesno":
        return "是" if shown else "否"
    if column.kind == "choices":
        return "、".join(str(column.labels.get(item, item)) for item in shown)
    if isinstance(shown, Decimal):
        return f"{shown.normalize():f}"
    return str(column.labels.get(shown, shown))


def differences(sheet: str, change: Change, who: str = "") -> list[dict[str, str]]:
    """The changed fields of a row with before and after; a new row is one line."""
    if change.outcome == CREATED:
        return [{"who": who, "field": "", "before": "", "after": "新增"}]
    if change.outcome != UPDATED:
        return []
    pairs = zip(SHEETS[sheet].columns, change.stored.content, change.content, strict=True)
    return [{"who": who, "field": column.label, "before": readable(column, before), "after": readable(column, after)}
            for column, before, after in pairs if before != after]


class Listing:
    """Keeps the rows of an upload for the browser, chunk by chunk, in the transaction of the chunk."""

    def __init__(self, batch: ImportBatch, scratch: Scratch) -> None:
        self.batch, self.scratch = batch, scratch
        self._villages: dict[str, str] = {}

    def note_heads(self) -> None:
        """What is odd about whole sheets and their headers, for the top of the page."""
        self.batch.notes = [{"sheet": found.sheet, "severity": found.severity, "text": found.sentence}
                            for found in self.scratch.heads[:MAX_NOTES]]
        ImportBatch.objects.filter(pk=self.batch.pk).update(notes=self.batch.notes)

    def listed(self, plans: Iterable[Plan]) -> set[tuple[str, int]]:
        """Which of these an earlier attempt at the same upload has already written and listed, by number and year."""
        numbers = {plan.number for plan in plans}
        return set(self.batch.rows.filter(number__in=numbers).values_list("number", "year"))

    def add(self, plans: Iterable[Plan]) -> None:
        plans = list(plans)
        self._name_villages(plans)
        ImportRow.objects.bulk_create([self._row(plan) for plan in plans], batch_size=500)

    def add_loose(self, sheet: str, rows: Iterable[tuple[int, str | None, int | None]]) -> None:
        """Rows that belong to no household or village, because their number or year is unreadable."""
        ImportRow.objects.bulk_create([
            ImportRow(batch=self.batch, sheet=sheet, row=row, number=(number or "")[:18],
                      year=year if year and 0 < year < 10_000 else None, outcome=ImportRow.Outcome.REFUSED,
                      findings=self._findings(sheet, [row])) for row, number, year in rows], batch_size=500)

    def _name_villages(self, plans: Iterable[Plan]) -> None:
        codes = {plan.number for plan in plans if plan.sheet == VILLAGES} - self._villages.keys()
        self._villages.update(Area.objects.filter(pk__in=codes).values_list("pk", "name"))

    def _row(self, plan: Plan) -> ImportRow:
        return ImportRow(
            batch=self.batch, sheet=plan.sheet if plan.own else MEMBERS, row=plan.first.row, number=plan.number[:18],
            year=plan.year if 0 < plan.year < 10_000 else None, label=self._label(plan), outcome=plan.outcome,
            doubtful=plan.doubtful and not plan.refused, changes=self._changes(plan),
            findings=self._plan_findings(plan) if plan.doubtful or plan.refused else [])

    def _label(self, plan: Plan) -> str:
        if plan.sheet == VILLAGES:
            return self._villages.get(plan.number, "")
        content = plan.own[0].content if plan.own else plan.household.content if plan.household else None
        return content[H["head_name"]] if content else plan.members[0].content[M["name"]]

    def _changes(self, plan: Plan) -> list[dict[str, str]]:
        found = [line for change in plan.own for line in differences(plan.sheet, change)]
        for change in plan.members:
            number = change.content[M["member_id"]]
            found += differences(MEMBERS, change, who=f"{change.content[M['name']]}（{number[-2:]}）")
        return found

    def _plan_findings(self, plan: Plan) -> list[dict[str, Any]]:
        found = self._findings(plan.sheet, [change.row.row for change in plan.own])
        return found + self._findings(MEMBERS, [change.row.row for change in plan.members])

    def _findings(self, sheet: str, rows: list[int]) -> list[dict[str, Any]]:
        if not rows:
            return []
        columns = SHEETS[sheet].by_key
        return [{"sheet": sheet, "row": row, "column": columns[key].label if key in columns else key or "",
                 "severity": severity, "text": sentence}
                for row, key, severity, sentence in self.scratch.findings_of(sheet, rows)]

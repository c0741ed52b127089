"""From the sheets of a workbook into the scratch file; each row is checked for itself on the way."""
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from households import checks
from households.codes import ACTIVE
from households.columns import HOUSEHOLDS, MEMBERS, SHEETS, VILLAGES
from households.importer.staging import DOUBTFUL, WRONG, Scratch, packed
from households.importer.territory import Territory
from office.fields import ring
from office.workbooks import Finding, Register, Table, read_table
from office.workbooks.reader import Record

Step = Callable[[int], None]
STEP_ROWS = 2000


class UnusableSheet(Exception):
    """A sheet lacks a required column or has no header: nothing of the workbook is applied."""


def stage(book: Register, scratch: Scratch, territory: Territory, step: Step) -> dict[str, frozenset[str]]:
    """Read every known sheet; returns, for each sheet present, the columns it has. Raises UnusableSheet."""
    present: dict[str, frozenset[str]] = {}
    refused: list[str] = []
    for finding in book.others(SHEETS):
        scratch.note_head(finding)
    for name, layout in SHEETS.items():
        sheet = book.sheets.get(name)
        if sheet is None:
            continue
        table = read_table(sheet, layout)
        if table.header is None and not _has_content(sheet):
            scratch.note_head(Finding(name, None, None, "W", f"工作表“{name}”是空的，未读取"))
            continue
        for finding in table.findings:
            scratch.note_head(finding)
            if finding.severity == "E":
                refused.append(finding.sentence)
        if not refused:
            present[name] = frozenset(table.places)
            _READERS[name](table, scratch, territory, step)
    if refused:
        raise UnusableSheet("；".join(refused))
    if not present:
        raise UnusableSheet(f"文件中没有可读的登记表，工作表应命名为 {'、'.join(SHEETS)}，请使用登记表模板")
    scratch.filled()
    return present


def _has_content(sheet) -> bool:
    return any(cell is not None and str(cell).strip() for row in sheet.rows() for cell in row)


def _records(table: Table, step: Step) -> Iterator[Record]:
    for count, record in enumerate(table.records(), start=1):
        if count % STEP_ROWS == 0:
            step(STEP_ROWS)
        yield record


def _stored_form(sheet: str, keys: frozenset[str]) -> Callable[[dict[str, Any]], tuple]:
    """Values of a record as a tuple in the order of the sheet's columns, in the form that is kept."""
    plan = [(column.key, column.blank, column.convert if column.key in keys else None)
            for column in SHEETS[sheet].columns]

    def form(values: dict[str, Any]) -> tuple:
        get = values.get
        return tuple([blank if (value := get(key)) is None else convert(value) if convert else value
                      for key, blank, convert in plan])
    return form


def _report(scratch: Scratch, sheet: str, record: Record, issues: list[checks.Issue]) -> int:
    """Note what was found in a row; returns its state."""
    state = 0
    for key, problem in record.problems.items():
        scratch.note(sheet, record.row, key, problem.severity, problem.sentence)
        state |= WRONG if problem.severity == "E" else DOUBTFUL
    for issue in issues:
        scratch.note(sheet, record.row, issue.column, issue.severity, issue.sentence)
        state |= WRONG if issue.severity == "E" else DOUBTFUL
    return state


def _stage_households(table: Table, scratch: Scratch, territory: Territory, step: Step) -> None:
    form = _stored_form(HOUSEHOLDS, frozenset(table.places))
    for record in _records(table, step):
        values = record.values
        issues = checks.household_issues(values, record.problems, territory.village_error)
        state = _report(scratch, HOUSEHOLDS, record, issues) if issues or record.problems else 0
        scratch.add(HOUSEHOLDS, (values["household_id"], values["year"], record.row, state, packed(form(values))))


def _stage_members(table: Table, scratch: Scratch, territory: Territory, step: Step) -> None:
    form = _stored_form(MEMBERS, frozenset(table.places))
    today = dt.date.today()
    for record in _records(table, step):
        values = record.values
        issues = checks.member_issues(values, record.problems, today)
        state = _report(scratch, MEMBERS, record, issues) if issues or record.problems else 0
        wrong = {issue.column for issue in issues if issue.severity == "E"}
        index = ring.blind_index(values["id_number"]) if values["id_number"] and "id_number" not in wrong else None
        active = (values.get("status") or ACTIVE[0]) in ACTIVE
        if "member_id" in wrong:
            values["member_id"] = None
        scratch.add(MEMBERS, (values["household_id"], values["year"], record.row, state, values["member_id"], index,
                              active, packed(form(values))))


def _stage_villages(table: Table, scratch: Scratch, territory: Territory, step: Step) -> None:
    form = _stored_form(VILLAGES, frozenset(table.places))
    for record in _records(table, step):
        values = record.values
        issues = checks.village_issues(values, record.problems, territory.village_error)
        state = _report(scratch, VILLAGES, record, issues) if issues or record.problems else 0
        scratch.add(VILLAGES, (values["village_id"], values["year"], record.row, state, packed(form(values))))


_READERS = {HOUSEHOLDS: _stage_households, MEMBERS: _stage_members, VILLAGES: _stage_villages}

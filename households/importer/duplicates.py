"""What only shows across households: rows of the same key, and ID numbers that two active persons would carry."""
from collections.abc import Iterator
from itertools import islice

from households.codes import ACTIVE
from households.columns import HOUSEHOLDS, MEMBERS, VILLAGES
from households.importer.staging import TWICE, WRONG, Scratch
from households.models import MemberYear
from office.access import covers
from office.roles import Permission

BATCH = 2000
LISTED_ROWS = 5
_KEYS = (
    (HOUSEHOLDS, "household", "number", "household_id", "户编号", "同一户同一年度只能有一行"),
    (MEMBERS, "member", "person", "member_id", "人编号", "同一人同一年度只能有一行"),
    (VILLAGES, "village", "number", "village_id", "行政村代码", "同一村同一年度只能有一行"),
)


def find(scratch: Scratch, officer=None) -> None:
    """Note every row that repeats another, every ID number carried twice, and those the register already knows."""
    for sheet, table, key, field, label, rule in _KEYS:
        _repeated_rows(scratch, sheet, table, key, field, label, rule)
    _repeated_numbers(scratch)
    _registered_numbers(scratch, officer)


def _others(rows: str, own: int) -> str:
    """The other rows of a comma list, a few of them by number."""
    others = sorted(int(row) for row in rows.split(",") if int(row) != own)
    listed = "、".join(map(str, others[:LISTED_ROWS]))
    return f"第 {listed} 行" + ("等" if len(others) > LISTED_ROWS else "")


def _repeated_rows(scratch: Scratch, sheet: str, table: str, key: str, field: str, label: str, rule: str) -> None:
    repeated = scratch.db.execute(
        f"SELECT t.rowid, t.row, t.{key}, t.year, twice.places FROM {table} t JOIN "
        f"(SELECT {key} AS k, year AS y, group_concat(row) AS places FROM {table} "
        f" WHERE {key} IS NOT NULL AND year IS NOT NULL GROUP BY {key}, year HAVING count(*) > 1) twice "
        f"ON t.{key} = twice.k AND t.year = twice.y ORDER BY t.row").fetchall()
    for rowid, row, value, year, places in repeated:
        scratch.note(sheet, row, field, "E",
                     f"{label} {value} 在 {year} 年度与{_others(places, row)}重复，{rule}，请删去多余的行")
        scratch.db.execute(f"UPDATE {table} SET state = state | ? WHERE rowid = ?", [WRONG | TWICE, rowid])


def _repeated_numbers(scratch: Scratch) -> None:
    repeated = scratch.db.execute(
        "SELECT t.rowid, t.row, t.year, twice.places FROM member t JOIN "
        "(SELECT year AS y, id_index AS i, group_concat(row) AS places FROM member "
        " WHERE active AND id_index IS NOT NULL AND year IS NOT NULL GROUP BY year, id_index "
        " HAVING count(*) > 1 AND count(DISTINCT coalesce(person, row)) > 1) twice "
        "ON t.year = twice.y AND t.id_index = twice.i WHERE t.active ORDER BY t.row").fetchall()
    for rowid, row, year, places in repeated:
        scratch.note(MEMBERS, row, "id_number", "E",
                     f"证件号码在 {year} 年度与{_others(places, row)}的在册人员相同，一个号码只能登记一人，"
                     "请核对后改正有误的一行")
        scratch.db.execute("UPDATE member SET state = state | ?, active = 0 WHERE rowid = ?", [WRONG, rowid])


def _batches(rows: Iterator[tuple]) -> Iterator[list[tuple]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _registered_numbers(scratch: Scratch, officer) -> None:
    """ID numbers that the register holds on another active person.

    Where the workbook changes that person's row, the claim stands or falls with it: such households are linked and
    written together. `active` was cleared for rows already refused for their number.
    """
    claims = scratch.db.cursor().execute(
        "SELECT rowid, year, id_index, person, number, row FROM member "
        "WHERE active AND id_index IS NOT NULL AND year IS NOT NULL ORDER BY year, id_index")
    for batch in _batches(claims):
        wanted = {(year, index): (rowid, person, number, row) for rowid, year, index, person, number, row in batch}
        holders = MemberYear.objects.filter(
            id_number_index__in={index for _, index in wanted}, year__in={year for year, _ in wanted}, status__in=ACTIVE,
        ).values_list("year", "id_number_index", "member_id")
        for year, index, holder in holders:
            claim = wanted.get((year, index))
            if claim and claim[1] != holder:
                _judge_claim(scratch, claim, year, index, holder, officer)


def _judge_claim(scratch: Scratch, claim: tuple, year: int, index: str, holder: str, officer) -> None:
    rowid, person, number, row = claim
    listed = scratch.db.execute("SELECT id_index, active FROM member WHERE person = ? AND year = ?",
                                [holder, year]).fetchone()
    if listed is not None and not (listed[1] and listed[0] == index):
        if holder[:16] != number:   # within one household nothing can go half way
            scratch.db.execute("INSERT INTO link VALUES (?, ?, ?, ?)", [number, year, row, holder[:16]])
        return
    scratch.note(MEMBERS, row, "id_number", "E", taken_sentence(year, holder, officer))
    scratch.db.execute("UPDATE member SET state = state | ? WHERE rowid = ?", [WRONG, rowid])


def taken_sentence(year: int, holder: str, officer) -> str:
    """Whose the number is, is told only to who may see that household."""
    known = officer is None or covers(officer, Permission.SEE_CASES, holder[:12])
    whom = f"人编号 {holder}" if known else "其他区域的一名人员"
    return (f"证件号码在 {year} 年度已登记在{whom}名下，一个号码只能登记一名在册人员，请核对；"
            "如确属同一人，须先由原登记地办理自然减少")

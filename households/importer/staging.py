"""Rows of a workbook between reading and writing: a scratch file on disk, so that a large workbook never sits in memory.

Rows are grouped by household number and year whatever the order of the sheets was. The file holds personal data, so it
is unlinked as soon as it is open: it ends with the process, also with a killed one.
"""
import marshal
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from households.columns import HOUSEHOLDS, MEMBERS, SHEETS, VILLAGES
from office.workbooks import Finding

DOUBTFUL, WRONG, TWICE = 1, 2, 4   # bits of `state`; TWICE: the sheet holds another row of the same key
BUFFER = 2000

_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000; PRAGMA locking_mode = EXCLUSIVE;
CREATE TABLE household (number TEXT, year INT, row INT, state INT, content BLOB);
CREATE TABLE member (number TEXT, year INT, row INT, state INT, person TEXT, id_index TEXT, active INT, content BLOB);
CREATE TABLE village (number TEXT, year INT, row INT, state INT, content BLOB);
CREATE TABLE finding (sheet TEXT, row INT, field TEXT, severity TEXT, sentence TEXT);
CREATE TABLE link (number TEXT, year INT, row INT, holder TEXT);
"""
_INDEXES = """
CREATE INDEX household_key ON household (number, year);
CREATE INDEX member_key ON member (number, year);
CREATE INDEX member_person ON member (person, year);
CREATE INDEX member_id ON member (year, id_index) WHERE active;
CREATE INDEX village_key ON village (number, year);
CREATE INDEX finding_place ON finding (sheet, row);
"""
TABLES = {HOUSEHOLDS: "household", MEMBERS: "member", VILLAGES: "village"}


class Row(NamedTuple):
    """One row of a sheet: its place, what was found so far, and its values in the order of the sheet's columns."""

    number: str
    year: int
    row: int
    state: int
    content: tuple
    id_index: str | None = None


class Group(NamedTuple):
    """All rows of one household in one year, as they stand in the workbook."""

    number: str
    year: int
    households: list[Row]
    members: list[Row]


class Scratch:
    """The scratch file of one import."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix="import-", suffix=".sqlite3", dir=folder)   # mode 0600
        os.close(handle)
        try:
            self.db = sqlite3.connect(name, isolation_level=None)
            self.db.executescript(_SCHEMA)
        finally:
            os.unlink(name)
        self.db.execute("BEGIN")
        self.heads: list[Finding] = []
        self._findings: list[tuple] = []
        self._rows: dict[str, list[tuple]] = {table: [] for table in TABLES.values()}

    def close(self) -> None:
        self.db.close()

    # Filling

    def add(self, sheet: str, row: tuple) -> None:
        table = TABLES[sheet]
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= BUFFER:
            self._flush(table)

    def _flush(self, table: str) -> None:
        rows = self._rows[table]
        if rows:
            self.db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
            rows.clear()

    def filled(self) -> None:
        """All rows are in: make them findable."""
        for table in self._rows:
            self._flush(table)
        self.db.executescript(_INDEXES)
        self.db.execute("BEGIN")

    # Findings

    def note(self, sheet: str, row: int | None, field: str | None, severity: str, sentence: str) -> None:
        self._findings.append((sheet, row, field, severity, sentence))
        if len(self._findings) >= BUFFER:
            self._flush_findings()

    def note_head(self, finding: Finding) -> None:
        """What is odd about a sheet as a whole or its header row."""
        self.heads.append(finding)
        self.note(*finding)

    def _flush_findings(self) -> None:
        self.db.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?)", self._findings)
        self._findings.clear()

    def findings(self) -> Iterator[Finding]:
        """All findings, sheet by sheet and from the top of each down."""
        self._flush_findings()
        order = " ".join(f"WHEN '{sheet}' THEN {place}" for place, sheet in enumerate(TABLES))
        for found in self.db.execute("SELECT sheet, row, field, severity, sentence FROM finding "
                                     f"ORDER BY CASE sheet {order} ELSE 9 END, row, rowid"):
            yield Finding(found[0], found[1], _label(found[0], found[2]), *found[3:])

    def finding_counts(self) -> dict[str, int]:
        self._flush_findings()
        counts = dict(self.db.execute("SELECT severity, count(*) FROM finding GROUP BY severity"))
        return {"errors": counts.get("E", 0), "warnings": counts.get("W", 0)}

    def findings_of(self, sheet: str, rows: list[int]) -> list[tuple[int, str | None, str, str]]:
        self._flush_findings()
        marks = ",".join("?" * len(rows))
        return self.db.execute("SELECT row, field, severity, sentence FROM finding "
                               f"WHERE sheet = ? AND row IN ({marks}) ORDER BY row, rowid", [sheet, *rows]).fetchall()

    def last_finding(self) -> int:
        """A place to go back to with `forget_since`."""
        self._flush_findings()
        return self.db.execute("SELECT coalesce(max(rowid), 0) FROM finding").fetchone()[0]

    def forget_since(self, last: int) -> None:
        """Findings made since, because the same rows are judged once more."""
        self._flush_findings()
        self.db.execute("DELETE FROM finding WHERE rowid > ?", [last])

    # Reading back

    def counts(self) -> dict[str, int]:
        """Rows by sheet."""
        return {sheet: self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for sheet, table in TABLES.items()}

    def loose(self, sheet: str) -> Iterator[tuple[int, str | None, int | None]]:
        """Rows whose number or year is unreadable: they belong to nothing."""
        yield from self.db.execute(f"SELECT row, number, year FROM {TABLES[sheet]} "
                                   "WHERE number IS NULL OR year IS NULL ORDER BY row").fetchall()

    def links(self) -> list[tuple[str, int, int, str]]:
        """(household, year, row, other household): the row claims an ID number that the other one gives up."""
        return self.db.execute("SELECT number, year, row, holder FROM link").fetchall()

    def groups(self, linked: bool = False) -> Iterator[list[Group]]:
        """The years of one household after another, by household number; `linked`: those, or all but those."""
        where = (f"number IS NOT NULL AND year IS NOT NULL AND number {'' if linked else 'NOT'} IN "
                 "(SELECT number FROM link UNION SELECT holder FROM link) ORDER BY number, year, row")
        households = self.db.execute(f"SELECT number, year, row, state, content, NULL FROM household WHERE {where}")
        members = self.db.execute(f"SELECT number, year, row, state, content, id_index FROM member WHERE {where}")
        by_number = itemgetter(0)
        left, right = groupby(households, by_number), groupby(members, by_number)
        end = ("", iter(()))
        mine, theirs = next(left, end), next(right, end)
        while mine[0] or theirs[0]:
            number = min(filter(None, (mine[0], theirs[0])))
            years: dict[int, Group] = {}
            if mine[0] == number:
                for raw in mine[1]:
                    years.setdefault(raw[1], Group(number, raw[1], [], [])).households.append(_row(raw))
                mine = next(left, end)
            if theirs[0] == number:
                for raw in theirs[1]:
                    years.setdefault(raw[1], Group(number, raw[1], [], [])).members.append(_row(raw))
                theirs = next(right, end)
            yield [years[year] for year in sorted(years)]

    def villages(self) -> Iterator[Row]:
        for raw in self.db.execute("SELECT number, year, row, state, content, NULL FROM village "
                                   "WHERE number IS NOT NULL AND year IS NOT NULL ORDER BY number, year, row"):
            yield _row(raw)


def _label(sheet: str, key: str | None) -> str | None:
    """A column as people know it; findings of the header name the column in the file's own words."""
    column = SHEETS[sheet].by_key.get(key) if sheet in SHEETS else None
    return column.label if column else key


def _row(raw: tuple[Any, ...]) -> Row:
    return Row(raw[0], raw[1], raw[2], raw[3], marshal.loads(raw[4]), raw[5])


packed = marshal.dumps

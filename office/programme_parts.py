"""The parts of a programme document as plain values: what `office.programme_files` reads and checks.

Amounts of money are yuan; every number is an exact decimal; a `quote` is an excerpt of the document without its white
space, and `clause` says where it stands (part, section and item as numbered there).
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """The policy document. `date` is None where none is printed; `date_note` then says how that is handled."""

    number: str
    title: str
    issuers: tuple[str, ...]
    date: datetime.date | None
    date_note: str | None


@dataclass(frozen=True, slots=True)
class Printed:
    """A line in yuan a year that the document itself prints for a year: a forecast, known from `known_on`."""

    year: int
    value: Decimal
    known_on: datetime.date
    clause: str
    quote: str


@dataclass(frozen=True, slots=True)
class Line:
    """An income line in yuan per person and year: `ratio` × `months` × the statistic of the year for the area."""

    key: str
    label: str
    subject: str
    residence: str
    ratio: Decimal
    months: int
    statistic: str
    statistic_area: str
    clause: str
    quote: str
    printed: tuple[Printed, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition that the document names, and where it stands."""

    key: str
    label: str
    clause: str
    quote: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    """The target of one year; the unit of `value` follows from the kind of the targets (percent, persons, parts)."""

    year: int
    value: Decimal
    clause: str
    quote: str


@dataclass(frozen=True, slots=True)
class Caseload:
    """What the document counts as its object; None where it prints no count."""

    households: int | None
    persons: int | None
    villages: int | None
    clause: str
    quote: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The reduction plan. `villages` is the number of villages due by the end of a year, or None."""

    kind: str
    rows: tuple[TargetRow, ...]
    caseload: Caseload
    villages: TargetRow | None
    rounding: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """A policy number in force from a date; `value` None means not printed, to be set by the office."""

    key: str
    label: str
    value: Decimal | None
    unit: str
    effective_from: datetime.date
    clause: str | None
    quote: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Clause:
    """A demand of the document in plain words, for reading clause by clause."""

    clause: str
    section: str
    label: str
    text: str
    values: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """Everything that one file says."""

    key: str
    name: str
    document: Document
    area: str
    start_year: int
    end_year: int
    lines: tuple[Line, ...]
    criteria: tuple[Criterion, ...]
    advisory: tuple[Criterion, ...]
    targets: Targets
    numbers: tuple[Number, ...]
    clauses: tuple[Clause, ...]

"""Programme documents as data: reads and checks one file of `office/programmes/`.

A file holds the parameters of one policy document: how each income line comes about, the criteria, the yearly
targets, every policy number and the clauses they stand in. Nothing here touches the database or knows a programme
by name; a further city is a further file.

Conventions of the files:

- every number is a quoted decimal, so that no binary fraction comes between the document and a comparison;
- `value: null` means that the document prints no figure and the office has to set one;
- numbers named `share_…` are weights that together make up one distribution of a sum over its payers;
- a quotation is an excerpt of the document without its white space.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import yaml

from office.programme_parts import (
    Caseload,
    Clause,
    Criterion,
    Document,
    Line,
    Number,
    Printed,
    ProgrammeFile,
    TargetRow,
    Targets,
)
from office.strict_entries import Entry, EntryError

CRITERION_KEYS = ("income", "dibao", "food", "clothing", "education", "medical", "housing")
LINE_KEYS = ("household_income", "village_income", "rural_household_income", "urban_household_income")
SUBJECTS = ("household", "village")
RESIDENCES = ("any", "rural", "urban")
STATISTICS = ("rural_pc_disposable_income", "urban_dibao_monthly")
TARGET_KINDS = ("cumulative_percent", "persons_per_year", "ratio_per_year", "deadline_only")


class ProgrammeFileError(ValueError):
    """A programme file that cannot be used; the message names file, entry and field, and what belongs there."""


def read_programme(path: Path | str) -> ProgrammeFile:
    """The programme in the file at `path`.

    Raises ProgrammeFileError when the file is unreadable, a field is missing, unknown or of the wrong kind, or the
    parts of the file contradict each other.
    """
    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProgrammeFileError(f"{path.name}：文件无法读取（{error}）") from error
    except yaml.YAMLError as error:
        raise ProgrammeFileError(f"{path.name}：不是有效的 YAML 文件（{error}）") from error
    try:
        programme = Entry(content, path.name).build(_programme)
    except EntryError as error:
        raise ProgrammeFileError(str(error)) from error
    contradictions = list(_contradictions(programme, path.stem))
    if contradictions:
        raise ProgrammeFileError(f"{path.name}：{'；'.join(contradictions)}")
    return programme


def read_targets(content: object) -> Targets:
    """Targets from a mapping shaped as in the files, such as a stored copy. Raises EntryError."""
    return Entry(content, "targets").build(_targets)


def target_for(targets: Targets, year: int, persons_total: int) -> tuple[int | None, int | None]:
    """How many of `persons_total` (or of so many households) are due by the end of `year`, and how many within it.

    (None, None) before the first year with a target: until a deadline nothing is due, which is not a target of
    zero. After the last year everything is due and nothing is left for the year. The cumulative figure is rounded
    half up and the year's figure is the difference of two cumulative ones, so the years always add up to the
    total; a total that differs from the caseload in the document is divided in the same proportions.
    """
    if year < targets.rows[0].year:
        return None, None
    due = _half_up(persons_total * _share_due(targets, year))
    return due, due - _half_up(persons_total * _share_due(targets, year - 1))


def _share_due(targets: Targets, year: int) -> Fraction:
    """The share of all persons due by the end of `year`, between 0 and 1."""
    past = [Fraction(row.value) for row in targets.rows if row.year <= year]
    if not past:
        return Fraction(0)
    if len(past) == len(targets.rows):
        return Fraction(1)
    if targets.kind == "cumulative_percent":
        return past[-1] / 100
    return sum(past) / sum(Fraction(row.value) for row in targets.rows)


def _half_up(number: Fraction) -> int:
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


def _programme(entry: Entry) -> ProgrammeFile:
    return ProgrammeFile(
        key=entry.text("key"),
        name=entry.text("name"),
        document=entry.entry("document", _document),
        area=entry.area("area"),
        start_year=entry.year("start_year"),
        end_year=entry.year("end_year"),
        lines=entry.entries("lines", _line),
        criteria=entry.entries("criteria", _criterion),
        advisory=entry.entries("advisory", _criterion),
        targets=entry.entry("targets", _targets),
        numbers=entry.entries("numbers", _number),
        clauses=entry.entries("clauses", _clause),
    )


def _document(entry: Entry) -> Document:
    return Document(
        number=entry.text("number"),
        title=entry.text("title"),
        issuers=entry.texts("issuers"),
        date=entry.day("date", null=True),
        date_note=entry.text("date_note", null=True),
    )


def _line(entry: Entry) -> Line:
    return Line(
        key=entry.choice("key", LINE_KEYS),
        label=entry.text("label"),
        subject=entry.choice("subject", SUBJECTS),
        residence=entry.choice("residence", RESIDENCES),
        ratio=entry.decimal("ratio"),
        months=entry.count("months"),
        statistic=entry.choice("statistic", STATISTICS),
        statistic_area=entry.area("statistic_area"),
        printed=entry.entries("printed", _printed),
        **_place(entry),
    )


def _printed(entry: Entry) -> Printed:
    return Printed(entry.year("year"), entry.decimal("value"), entry.day("known_on"), **_place(entry))


def _criterion(entry: Entry) -> Criterion:
    return Criterion(entry.key(), entry.text("label"), **_place(entry))


def _targets(entry: Entry) -> Targets:
    return Targets(
        kind=entry.choice("kind", TARGET_KINDS),
        rows=entry.entries("rows", lambda row: TargetRow(row.year("year"), row.decimal("value"), **_place(row))),
        caseload=entry.entry("caseload", _caseload),
        villages=entry.entry("villages", _villages_due, null=True),
        rounding=entry.text("rounding"),
        note=entry.text("note", null=True),
    )


def _villages_due(entry: Entry) -> TargetRow:
    return TargetRow(entry.year("year"), Decimal(entry.count("value")), **_place(entry))


def _caseload(entry: Entry) -> Caseload:
    counts = {field: entry.count(field, null=True) for field in ("households", "persons", "villages")}
    return Caseload(**counts, **_place(entry))


def _number(entry: Entry) -> Number:
    value = entry.decimal("value", null=True)
    return Number(
        key=entry.key(),
        label=entry.text("label"),
        value=value,
        unit=entry.text("unit"),
        effective_from=entry.day("effective_from"),
        note=entry.text("note", null=True),
        **_place(entry, null=value is None),
    )


def _clause(entry: Entry) -> Clause:
    return Clause(
        section=entry.text("section"),
        label=entry.text("label"),
        text=entry.text("text"),
        values=entry.text("values", null=True),
        **_place(entry),
    )


def _place(entry: Entry, null: bool = False) -> dict[str, str | None]:
    """Where it stands in the document. Only a figure that is not printed may be without a place."""
    return {"clause": entry.text("clause", null), "quote": entry.text("quote", null)}


def _contradictions(programme: ProgrammeFile, stem: str) -> Iterable[str]:
    """What is wrong between the parts of a file whose fields are all well-formed."""
    if programme.key != stem:
        yield f"key 应与文件名一致，现为 {programme.key}"
    if programme.start_year > programme.end_year:
        yield "start_year 不能晚于 end_year"
    if programme.document.date is None and programme.document.date_note is None:
        yield "document 未填 date 时须在 date_note 说明"
    if sorted(criterion.key for criterion in programme.criteria) != sorted(CRITERION_KEYS):
        yield f"criteria 应恰为 {'、'.join(CRITERION_KEYS)} 七项"
    for name in ("lines", "advisory", "numbers"):
        for key in _repeated(entry.key for entry in getattr(programme, name)):
            yield f"{name} 中 {key} 重复"
    for line in programme.lines:
        if (line.subject == "village") != (line.key == "village_income"):
            yield f"lines {line.key} 的 subject 不符"
    yield from _target_contradictions(programme)


def _target_contradictions(programme: ProgrammeFile) -> Iterable[str]:
    targets = programme.targets
    years = [row.year for row in targets.rows]
    values = [row.value for row in targets.rows]
    if not years:
        yield "targets rows 至少要有一个年度"
        return
    if years != sorted(set(years)) or years[0] < programme.start_year or years[-1] != programme.end_year:
        yield "targets rows 的年度应由小到大、在起止年度之内，并以 end_year 结束"
    if targets.kind == "cumulative_percent" and (values != sorted(values) or values[-1] != 100):
        yield "targets rows 的累计百分比应逐年不减，末年为 100"
    if targets.kind == "persons_per_year" and sum(values) != targets.caseload.persons:
        yield f"targets rows 各年人数合计 {sum(values)}，与 caseload persons {targets.caseload.persons} 不符"
    if targets.kind == "ratio_per_year" and not all(values):
        yield "targets rows 的比例数应大于零"
    if targets.kind == "deadline_only" and values != [Decimal(100)]:
        yield "targets rows 只应有截止年度一行，值为 100"


def _repeated(keys: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [key for key in keys if key in seen or seen.add(key)]

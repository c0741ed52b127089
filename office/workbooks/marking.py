"""Gives the clerk's own workbook back: the same sheets, rows, formats and formulas, with every finding at its cell.

The file is patched, not rewritten: sheets stream through, so memory stays small whatever the size, and what is not marked
stays byte for byte, stored formula values included. Marks of an earlier check are taken off first, so the same file can go
round many times. A workbook whose XML is laid out in a way that no usual program writes (prefixed names, UTF-16) is written
anew instead: the same sheets, rows and values, without its formats and formulas.
"""

import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from xlsxwriter.exceptions import FileCreateError

from office.workbooks.column import Column
from office.workbooks.container import CHUNK, Inspection, inspect_file
from office.workbooks.header import Header, Layout
from office.workbooks.notes import AUTHOR, merge
from office.workbooks.package import SPREADSHEET, Package
from office.workbooks.plain import write_plain
from office.workbooks.reader import RESULT_SHEET, Finding, open_register, read_table
from office.workbooks.refusal import Unpatchable
from office.workbooks.results import Placed, SheetMarks, result_sheet
from office.workbooks.sheetpatch import patch_sheet
from office.workbooks.styles import Styles


def mark(
    source: str | Path,
    out: str | Path,
    findings: Iterable[Finding],
    totals: Mapping[str, Any],
    layouts: Mapping[str, Layout | Iterable[Column]],
    inspection: Inspection | None = None,
) -> None:
    """Writes ``source`` to ``out`` with its findings marked and the sheet 检查结果 in front.

    ``totals`` are label and value of the lines on top; ``layouts`` are the columns of each sheet, to find the cell that a
    finding's column label means. Raises WorkbookRefused when the source itself cannot be read.
    """
    inspection = inspection or inspect_file(source)
    placed, marks = _place(list(findings), layouts, inspection)
    unnoted = {sheet: sheet_marks.unnoted for sheet, sheet_marks in marks.items() if sheet_marks.unnoted}
    out = Path(out)
    try:
        if inspection.transcoded:
            raise Unpatchable("UTF-16")
        with (
            zipfile.ZipFile(source) as archive,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
        ):
            _Marker(Package(archive), target, marks, set(inspection.scans)).run(placed, totals, unnoted)
    except (Unpatchable, ParseError, KeyError, UnicodeDecodeError):
        out.unlink(missing_ok=True)
        try:
            write_plain(inspection, out, placed, totals, unnoted, marks)
        except FileCreateError as error:  # the library's name for a full disk or a missing right
            raise error.args[0] from error


def _place(
    findings: list[Finding], layouts: Mapping[str, Layout | Iterable[Column]], inspection: Inspection
) -> tuple[list[Placed], dict[str, SheetMarks]]:
    """Findings in the order of the workbook with their cells, and what that means for each sheet."""
    concerned = {finding.sheet for finding in findings}
    headers: dict[str, tuple[Layout, Header | None]] = {}
    with open_register(inspection.path, inspection=inspection) as book:
        order = {name: position for position, name in enumerate(book.sheets)}
        for name in concerned & set(order):
            columns = layouts.get(name, ())
            layout = columns if isinstance(columns, Layout) else Layout(columns)
            headers[name] = (layout, read_table(book.sheets[name], layout).header)
    placed = [Placed(finding, _column(finding, *headers.get(finding.sheet, (None, None)))) for finding in findings]
    placed.sort(key=lambda p: (order.get(p.finding.sheet, len(order)), p.finding.row or 0, p.column or 0))
    marks: dict[str, SheetMarks] = defaultdict(SheetMarks)
    for entry in placed:
        if entry.finding.row is not None and entry.column is not None:
            marks[entry.finding.sheet].add(entry.finding.row, entry.column, entry.finding)
    return placed, dict(marks)


def _column(finding: Finding, layout: Layout | None, header: Header | None) -> int | None:
    """The column of a finding's cell; a finding about a whole row stands at the first known column."""
    if layout is None or header is None:
        return None
    if finding.column is not None:
        if finding.row == header.row:
            for index, text in (*header.duplicate, *header.unknown):
                if text == finding.column:
                    return index
        key = layout.key_of(finding.column)
        if key in header.places:
            return header.places[key]
    return min(header.places.values())


class _Marker:
    """One pass over a workbook: copies what stays, patches what changes, adds what is new."""

    def __init__(
        self, package: Package, target: zipfile.ZipFile, marks: Mapping[str, SheetMarks], worksheets: set[str]
    ) -> None:
        self._package = package
        self._worksheets = worksheets
        self._target = target
        self._marks = marks
        self._styles_part = package.relations.target(next(package.relations.of_type("styles"), ""))
        self._styles = Styles(package.read(self._styles_part).decode("utf-8-sig"))

    def run(self, placed: list[Placed], totals: Mapping[str, Any], unnoted: Mapping[str, int]) -> None:
        package = self._package
        part = package.free_name("xl/worksheets/sheet{}.xml")
        package.put_first(RESULT_SHEET, part)
        sheets = {name: sheet for name, sheet in package.sheets().items() if name != RESULT_SHEET}
        for name, sheet in sheets.items():
            self._sheet(sheet, self._marks.get(name.strip(), SheetMarks()))
        with self._target.open(part, "w", force_zip64=True) as file:
            for piece in result_sheet(placed, totals, unnoted, {name.strip() for name in sheets}, self._styles):
                file.write(piece.encode())
        self._put(self._styles_part, self._styles.xml())
        self._put("[Content_Types].xml", package.types_xml())
        self._put("xl/workbook.xml", package.book)
        self._put("xl/_rels/workbook.xml.rels", package.relations.xml())
        for entry in package.untouched():
            with package.archive.open(entry) as old, self._target.open(entry.filename, "w", force_zip64=True) as new:
                while chunk := old.read(CHUNK):
                    new.write(chunk)

    def _put(self, part: str, content: str) -> None:
        self._package.written.add(part.lower())
        self._target.writestr(part, content)

    def _sheet(self, part: str, marks: SheetMarks) -> None:
        """Patches one sheet; sheets of another kind (charts) only cease to be the selected tab."""
        package = self._package
        is_worksheet = part.lower() in self._worksheets
        drawing = self._comments(part, marks) if is_worksheet else None
        package.written.add(part.lower())
        with package.open(part) as old, self._target.open(part, "w", force_zip64=True) as new:
            if is_worksheet:
                for piece in patch_sheet(_pieces(old), marks.cells, self._styles, drawing):
                    new.write(piece)
            else:
                new.write(old.read().replace(b' tabSelected="1"', b""))

    def _comments(self, part: str, marks: SheetMarks) -> str | None:
        """Puts the comments of a sheet; returns the relation of their drawing when the sheet does not mention one yet."""
        package = self._package
        relations = package.relations_of(part)
        text_part, drawing_part = (
            next((relations.target(i) for i in relations.of_type(kind)), None) for kind in ("comments", "vmlDrawing")
        )
        old_text = package.read(text_part).decode("utf-8-sig") if text_part else None
        if not marks.notes and AUTHOR not in (old_text or ""):
            return None
        old_drawing = package.read(drawing_part).decode("utf-8-sig") if drawing_part else None
        text, drawing = merge(old_text, old_drawing, marks.notes)
        identifier = None
        if not text_part:
            text_part = package.free_name("xl/comments{}.xml")
            package.declare(text_part, SPREADSHEET + "comments+xml")
            relations.add("comments", text_part)
        if not drawing_part:
            drawing_part = package.free_name("xl/drawings/vmlDrawing{}.vml")
            package.declare_extension("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
            identifier = relations.add("vmlDrawing", drawing_part)
        self._put(text_part, text)
        self._put(drawing_part, drawing)
        self._put(package.relations_name(part), relations.xml())
        return identifier


def _pieces(file: zipfile.ZipExtFile) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk

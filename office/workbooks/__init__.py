"""Excel in and out: the only place in the product that knows the format.

``inspect_file`` turns away what is not a plain workbook, ``open_register`` and ``read_table`` read untidy sheets as records,
``write_tables`` writes them, ``mark`` gives the clerk's own workbook back with every finding at its cell.
"""

from office.workbooks.cells import read_cell
from office.workbooks.column import Column
from office.workbooks.container import DEFAULT_MAX_BYTES, MAX_ROWS, Inspection, inspect_file
from office.workbooks.header import Header, Layout, normal_header
from office.workbooks.marking import mark
from office.workbooks.reader import (
    RESULT_SHEET,
    Finding,
    Record,
    Register,
    Sheet,
    Table,
    open_register,
    read_table,
)
from office.workbooks.refusal import WorkbookRefused
from office.workbooks.scan import CellFault, column_letters
from office.workbooks.values import Problem
from office.workbooks.writer import SheetSpec, write_tables

__all__ = [
    "DEFAULT_MAX_BYTES", "MAX_ROWS", "RESULT_SHEET", "CellFault", "Column", "Finding", "Header", "Inspection", "Layout",
    "Problem", "Record", "Register", "Sheet", "SheetSpec", "Table", "WorkbookRefused", "column_letters", "inspect_file", "mark",
    "normal_header", "open_register", "read_cell", "read_table", "write_tables",
]  # fmt: skip

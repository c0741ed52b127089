"""Excel in and out: the only place in the product that knows the format.

``inspect_file`` turns away what is not a plain workbook, ``open_register`` and ``read_table`` read untidy sheets as records,
``write_tables`` writes them, ``mark`` gives the clerk's own workbook back with every finding at its cell. ``write_sealed`` writes
a table that proves itself, ``check_sealed`` says whether it is still complete and unaltered.
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
from office.workbooks.seal import SealedColumn, Sealer
from office.workbooks.seal_sheet import SealFinding, SealReport
from office.workbooks.sealed_check import check_sealed
from office.workbooks.sealed_writer import Sealed, SealedTable, write_sealed
from office.workbooks.values import Problem
from office.workbooks.writer import SheetSpec, write_tables

__all__ = [
    "DEFAULT_MAX_BYTES", "MAX_ROWS", "RESULT_SHEET", "CellFault", "Column", "Finding", "Header", "Inspection", "Layout",
    "Problem", "Record", "Register", "SealFinding", "SealReport", "Sealed", "SealedColumn", "SealedTable", "Sealer", "Sheet",
    "SheetSpec", "Table", "WorkbookRefused", "check_sealed", "column_letters", "inspect_file", "mark", "normal_header",
    "open_register", "read_cell", "read_table", "write_sealed", "write_tables",
]  # fmt: skip

import datetime as dt
from decimal import Decimal

import openpyxl
import pytest
from xlsxwriter.exceptions import FileCreateError

from office.workbooks import Column, SheetSpec, WorkbookRefused, open_register, read_table, write_tables
from office.workbooks import writer as writing

COLUMNS = [
    Column("year", "年度", "integer", required=True),
    Column("number", "户编号", "digits", required=True, width=20),
    Column("head", "户主姓名"),
    Column("since", "首次识别时间", "date"),
    Column("wage", "工资性收入（元）", "money"),
    Column("land", "耕地面积", "number", places=2),
    Column("dibao", "是否纳入低保", "yesno"),
    Column("attribute", "贫困户属性", "choice", choices={"一般贫困户": 1, "低保贫困户": 4, "低保户": 4}),
    Column("health", "健康状况", "choices", choices=["健康", "患有大病", "残疾"]),
]
ROWS = [
    {
        "year": 2018, "number": "4414221002010001", "head": "张三", "since": dt.date(2016, 5, 1), "wage": Decimal("1234.56"),
        "land": Decimal("0.30"), "dibao": False, "attribute": 4, "health": ("残疾", "患有大病"),
    },
    {
        "year": 2018, "number": "0000000000000001", "head": "=HYPERLINK(\"http://x\")", "since": dt.date(1890, 1, 1),
        "wage": Decimal("-0.01"), "land": None, "dibao": True, "attribute": 1, "health": None,
    },
    {"year": 2018, "number": "+1", "head": "@𬭎", "since": None, "wage": Decimal("9999999999.99"), "land": Decimal("0.00"),
     "dibao": None, "attribute": None, "health": ("健康",)},
]  # fmt: skip


def test_what_is_written_is_read_back_unchanged(tmp_path):
    path = tmp_path / "a.xlsx"
    assert write_tables(path, [SheetSpec("贫困户", COLUMNS, iter(ROWS)), SheetSpec("村", COLUMNS, [])]) == {
        "贫困户": 3,
        "村": 0,
    }
    with open_register(path) as book:
        table = read_table(book.sheets["贫困户"], COLUMNS)
        records = list(table.records())
    assert table.findings == []
    assert [record.values for record in records] == ROWS
    assert not any(record.problems for record in records)


def test_cells_have_the_types_that_keep_them_safe(tmp_path):
    path = tmp_path / "a.xlsx"
    write_tables(path, [SheetSpec("贫困户", COLUMNS, ROWS)])
    sheet = openpyxl.load_workbook(path)["贫困户"]
    assert sheet.freeze_panes == "A2"
    assert [cell.data_type for cell in sheet[2]] == ["n", "s", "s", "d", "n", "n", "s", "s", "s"]
    assert sheet["C3"].data_type == "s"  # a text that looks like a formula
    assert sheet["B2"].number_format == "@"
    assert sheet.column_dimensions["B"].width > 19
    assert {rule.formula1 for rule in sheet.data_validations.dataValidation} == {'"是,否"', '"一般贫困户,低保贫困户"'}


def test_a_lead_and_totals_frame_the_table(tmp_path):
    path = tmp_path / "a.xlsx"
    write_tables(path, [SheetSpec("台账", COLUMNS, ROWS, lead=("台账", "截至 2018-09-30"), totals=("wage",))])
    stored = openpyxl.load_workbook(path, data_only=True)["台账"]
    assert stored["A2"].value == "截至 2018-09-30"
    assert stored["A7"].value == "合计"
    assert stored["E7"].value == pytest.approx(10000001234.54)
    assert openpyxl.load_workbook(path)["台账"]["E7"].value == "=SUM(E4:E6)"
    with open_register(path) as book:
        assert len(list(read_table(book.sheets["台账"], COLUMNS).records())) == 3


def test_a_table_too_long_to_be_read_back_is_refused_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "MAX_ROWS", 2)
    with pytest.raises(WorkbookRefused, match="缩小范围"):
        write_tables(tmp_path / "a.xlsx", [SheetSpec("贫困户", COLUMNS, ROWS)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("moment", ["add_worksheet", "close"])
def test_a_full_disk_is_an_error_of_the_file_and_leaves_none(tmp_path, monkeypatch, moment):
    full = OSError(28, "No space left on device")

    def fail(book, *args):
        raise full if moment == "add_worksheet" else FileCreateError(full)
    monkeypatch.setattr(writing.xlsxwriter.Workbook, moment, fail)

    with pytest.raises(OSError, match="No space left"):
        write_tables(tmp_path / "out.xlsx", [SheetSpec("贫困户", COLUMNS, [])])
    assert list(tmp_path.iterdir()) == []

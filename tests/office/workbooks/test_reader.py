import datetime as dt
from contextlib import suppress
from decimal import Decimal

import openpyxl
import pytest

from office.workbooks import RESULT_SHEET, Column, WorkbookRefused, open_register, read_table
from office.workbooks import scan as scanning
from tests.office.workbooks.builders import MAIN, pack, parts, sheet_xml, text_cell

COLUMNS = [
    Column("year", "年度", "integer", required=True),
    Column("number", "户编号", "digits", required=True, aliases=("户码",)),
    Column("head", "户主姓名"),
    Column("county", "县(市、区、旗)"),
    Column("land", "耕地面积", "number"),
    Column("wage", "工资性收入", "money"),
]


def save(path, rows, title="贫困户"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def read(path, columns=COLUMNS, sheet="贫困户"):
    with open_register(path) as book:
        table = read_table(book.sheets[sheet], columns)
        return table, list(table.records())


HEAD = ["年度", "户编号", "户主姓名"]


def test_the_header_is_found_below_titles_and_by_name(tmp_path):
    path = save(
        tmp_path / "a.xlsx",
        [
            ["2018年度登记表"],
            ["填表说明：年度为四位数"],
            [None],
            ["户主姓名", "县（市、区、\n旗）", "户码*", "耕地面积（亩）", "年 度", "工资性收入(元)"],
            ["张三", "大埔县", "4414221002010001", 1.5, 2018, "1,234.50"],
        ],
    )
    table, [record] = read(path)
    assert table.findings == []
    assert record.row == 5
    assert record.values == {
        "year": 2018, "number": "4414221002010001", "head": "张三", "county": "大埔县", "land": Decimal("1.5"),
        "wage": Decimal("1234.50"),
    }  # fmt: skip


def test_notes_totals_and_blank_rows_are_skipped_and_rows_keep_their_numbers(tmp_path):
    rows = [
        HEAD,
        [2018, "1", "甲"],
        [None, " "],
        ["注：以上属实"],
        [None, "备注：x"],
        ["合 计", "3"],
        ["小计：", 1],
        ["总计"],
    ]
    table, records = read(save(tmp_path / "a.xlsx", [*rows, [2018, "2", "乙"]]))
    assert [record.row for record in records] == [2, 9]


def test_a_note_beside_data_is_data(tmp_path):
    _, records = read(save(tmp_path / "a.xlsx", [["户主姓名", "年度", "户编号"], ["注意", 2018, "1"]]))
    assert records[0].values["head"] == "注意"


def test_reading_stops_after_two_hundred_blank_rows(tmp_path):
    near = save(tmp_path / "a.xlsx", [HEAD, [2018, "1"], *([[None]] * 199), [2018, "2"]])
    assert [record.row for record in read(near)[1]] == [2, 202]
    far = save(tmp_path / "b.xlsx", [HEAD, [2018, "1"], *([[None]] * 200), [2018, "2"]])
    assert [record.row for record in read(far)[1]] == [2]


def test_a_stray_cell_at_the_end_of_the_sheet_costs_nothing(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "贫困户"
    book.active.append(HEAD)
    book.active.append([2018, "1", "甲"])
    book.active["AX1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    assert [record.row for record in read(tmp_path / "a.xlsx")[1]] == [2]


def test_a_table_away_from_the_corner_keeps_its_row_numbers(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "贫困户"
    for column, (name, value) in enumerate(zip(HEAD, [2018, "1", "甲"], strict=True), start=4):
        book.active.cell(7, column, name)
        book.active.cell(8, column, value)
    book.save(tmp_path / "a.xlsx")
    table, [record] = read(tmp_path / "a.xlsx")
    assert (table.header.row, table.places["year"], record.row) == (7, 3, 8)


def test_odd_headers_are_reported_once(tmp_path):
    head = ["年度", "户主姓名", "县(市、区、旗)", "户主姓名", "爱好", "工资性收入（合计）"]
    table, _ = read(save(tmp_path / "a.xlsx", [head, [2018]]))
    sentences = {(f.severity, f.column): f.sentence for f in table.findings}
    assert "贫困户" in sentences["E", None]
    assert "户编号" in sentences["E", None]
    assert "重复" in sentences["E", "户主姓名"]
    assert "爱好" in sentences["W", "爱好"]
    assert [column.key for column in table.missing] == ["number"]
    assert len(table.findings) == 3


def test_a_column_agreeing_only_without_brackets_gives_way_to_the_exact_one(tmp_path):
    table, [record] = read(save(tmp_path / "a.xlsx", [[*HEAD, "户主姓名（曾用名）"], [2018, "1", "甲", "乙"]]))
    assert record.values["head"] == "甲"
    assert [(f.severity, f.column) for f in table.findings] == [("W", "户主姓名（曾用名）")]


def test_a_sheet_without_header_says_so(tmp_path):
    table, records = read(save(tmp_path / "a.xlsx", [["年度", "户编号"], [2018, "1"]]))
    assert records == []
    assert table.header is None
    assert "表头" in table.findings[0].sentence


def test_other_sheets_are_mentioned_once_and_the_result_sheet_never(tmp_path):
    book = openpyxl.Workbook()
    for name in ("贫困户", RESULT_SHEET, "Sheet9"):
        book.create_sheet(name)
    book.create_chartsheet("图").add_chart(openpyxl.chart.BarChart())
    book.save(tmp_path / "a.xlsx")
    with open_register(tmp_path / "a.xlsx") as register:
        assert [finding.sheet for finding in register.others(["贫困户", "村"])] == ["Sheet", "Sheet9"]


def test_formulas_count_with_their_value_and_without_one_are_an_error(tmp_path):
    head = "".join(text_cell(f"{c}1", n) for c, n in zip("ABCDE", [*HEAD, "工资性收入", "耕地面积"], strict=True))
    rows = (
        f'<row r="1">{head}</row>'
        '<row r="2"><c r="A2"><f>2017+1</f><v>2018</v></c><c r="B2" t="str"><f>"1"</f><v>1</v></c>'
        '<c r="C2" t="str"><f>IF(1,"","")</f><v></v></c><c r="D2"><f>1+1</f></c>'
        '<c r="E2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="A3"><f>1</f><v/></c><c r="B3"><f>1</f><v></v></c></row>'
    )
    _, records = read(pack(tmp_path / "a.xlsx", parts(rows)))
    first, second = records
    assert first.values["year"] == 2018
    assert first.values["number"] == "1"
    assert first.values["head"] is None
    assert "没有保存计算结果" in first.problems["wage"].sentence
    assert "#DIV/0!" in first.problems["land"].sentence
    assert second.row == 3
    assert {key for key, problem in second.problems.items() if "公式" in problem.sentence} == {"year", "number"}


def test_merged_hidden_and_short_rows_are_read(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "贫困户"
    sheet.append(["登记表"])
    sheet.merge_cells("A1:F1")
    sheet.append([*HEAD, "工资性收入"])
    sheet.append([2018, "1"])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.save(tmp_path / "a.xlsx")
    _, [record] = read(tmp_path / "a.xlsx")
    assert record.values == {"year": 2018, "number": "1", "head": None, "wage": None}


def same_rows(path):
    with open_register(path) as book:
        dense = [list(row) for row in book.sheets["贫困户"].rows()]
        book.streamed = True
        stream = [list(row) for row in book.sheets["贫困户"].rows()]
    width = max(map(len, dense))
    padded = ([*row, *[None] * width][:width] for row in dense)
    plain = [[None if isinstance(cell, str) and not cell else cell for cell in row] for row in padded]
    return plain, [row[:width] for row in stream]


def test_both_readers_give_the_same_rows(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "贫困户"
    sheet["B3"], sheet["C3"], sheet["D3"] = "a", 1.5, dt.datetime(2018, 11, 6, 1, 2)
    sheet["C5"], sheet["D5"], sheet["E5"] = True, "=1+1", "#N/A"
    sheet["E5"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    dense, stream = same_rows(tmp_path / "a.xlsx")
    assert dense == stream


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_legal_xml_of_other_programs_is_read(tmp_path, prefix, quote, encoding):
    head = "".join(text_cell(f"{c}1", n) for c, n in zip("ABC", HEAD, strict=True))
    rows = f'<row r="1">{head}</row><row r="3"><c r="A3"><v>2018</v></c><c r="B3"><f>1</f></c></row>'
    xml = sheet_xml(rows)
    if prefix:
        xml = xml.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    if quote == "'":
        xml = xml.replace('"', "'")
    path = pack(tmp_path / "a.xlsx", parts() | {"xl/worksheets/sheet1.xml": xml.encode(encoding)})
    _, [record] = read(path)
    assert record.row == 3
    assert record.values["year"] == 2018
    assert "公式" in record.problems["number"].sentence


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="500000"><c r="A500000"><v>1</v></c></row>',
        '<row r="1"><c  r = "XFD1"><v>1</v></c><c r="A1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1048576'><v>1</v></c><c r='ZZ1'><v>1</v></c></row>",
    ],
)
def test_a_few_cells_that_span_the_whole_sheet_are_streamed(tmp_path, rows):
    path = pack(tmp_path / "a.xlsx", parts(rows))
    with open_register(path) as book:
        sheet = book.sheets["贫困户"]
        assert sheet._scan.streamed
        list(sheet.rows())


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="1"><c r="A1" s="77"><v>x</v></c></row>',
        '<row r="1"><c r="A0"><v>1</v></c></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        '<row r="1"><c r="A1" t="d"><v>2018-99-99</v></c></row>',
        '<row r="1"><c r="A1"><v>1e999</v></c></row>',
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_broken_sheets_are_read_or_refused_but_never_crash(tmp_path, rows, stream):
    path = pack(tmp_path / "a.xlsx", parts(rows))
    with suppress(WorkbookRefused), open_register(path) as book:
        book.streamed = stream
        list(read_table(book.sheets["贫困户"], COLUMNS).records())


def test_a_streamed_sheet_has_no_unknown_columns_where_there_are_none(tmp_path):
    path = save(tmp_path / "a.xlsx", [HEAD, [2018, "1", "甲"]])
    book = openpyxl.load_workbook(path)
    book.active.cell(1_048_576, 1, " ")
    book.save(path)

    table, records = read(path)

    assert (table.findings, [record.row for record in records]) == ([], [2])


def test_a_book_that_lists_a_sheet_it_does_not_hold_is_refused(tmp_path):
    content = parts()
    del content["xl/worksheets/sheet1.xml"]
    with pytest.raises(WorkbookRefused, match="损坏"):
        open_register(pack(tmp_path / "a.xlsx", content))


def test_a_book_without_listing_is_refused(tmp_path):
    broken = parts() | {"xl/workbook.xml": f'<workbook xmlns="{MAIN}"><sheets>'}
    with pytest.raises(WorkbookRefused):
        open_register(pack(tmp_path / "a.xlsx", broken))


def test_column_letters_and_indexes_are_inverse():
    for index in (0, 25, 26, 701, 702, 16383):
        assert scanning.column_index(scanning.column_letters(index)) == index
    assert scanning.column_letters(16383) == "XFD"

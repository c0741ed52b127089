import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from office.workbooks import RESULT_SHEET, Column, Finding, mark, open_register, read_table
from office.workbooks import results as result_module
from office.workbooks.notes import AUTHOR
from office.workbooks.styles import ERROR_COLOUR, WARNING_COLOUR
from tests.office.workbooks.builders import pack, parts, sheet_xml, text_cell

COLUMNS = [
    Column("year", "年度", "integer", required=True),
    Column("number", "户编号", "digits", required=True, aliases=("户码",)),
    Column("head", "户主姓名"),
    Column("wage", "工资性收入", "money"),
]
LAYOUTS = {"贫困户": COLUMNS}
TOTALS = {"贫困户": "新增 1，更新 0，未变 0，拒绝 2"}
FINDINGS = [
    Finding("贫困户", 4, "户编号", "E", "“户编号”不能为空，请填写"),
    Finding("贫困户", 3, "户主姓名", "W", "姓名 <存疑> & 待核\x01"),
    Finding("贫困户", 3, "工资性收入", "E", "“100.123”小数超过两位，金额请精确到分"),
    Finding("贫困户", 3, "工资性收入", "W", "偏低"),
    Finding("贫困户", 5, None, "E", "整行重复"),
    Finding("封面", None, None, "W", "工作表“封面”未读取"),
]


@pytest.fixture
def source(tmp_path):
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "封面"
    cover["A1"] = "x"
    sheet = book.create_sheet("贫困户")
    book.active = 1
    sheet.append(["登记表"])
    sheet.append(["年度", "户码", "户主姓名", "工资性收入（元）"])
    for row in [[2018, "1", "张三", 100.123], [2018, None, "李四", 5], [2018, "3", "=1+1", 7]]:
        sheet.append(row)
    sheet["A3"].comment = Comment("干部的批注", "王干部")
    sheet["C3"].comment = Comment("另一条", "王干部")
    sheet["D3"].number_format = "0.00"
    sheet["A5"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet.column_dimensions["B"].number_format = "@"
    sheet.auto_filter.ref = "A2:D5"
    sheet.merge_cells("A1:D1")
    book.defined_names["总"] = openpyxl.workbook.defined_name.DefinedName("总", attr_text="'贫困户'!$A$1")
    sheet.print_title_rows = "1:2"
    book.save(tmp_path / "source.xlsx")
    return tmp_path / "source.xlsx"


def marked(source, findings=FINDINGS, name="marked.xlsx"):
    out = source.parent / name
    mark(source, out, findings, TOTALS, LAYOUTS)
    with zipfile.ZipFile(out) as archive:
        for part in archive.namelist():
            if part.endswith((".xml", ".rels", ".vml")):
                ElementTree.fromstring(archive.read(part))
    return out, openpyxl.load_workbook(out)


def colour(cell):
    return cell.fill.fgColor.rgb if cell.fill.fill_type else None


def test_cells_are_coloured_and_commented_where_they_stand(source):
    _, book = marked(source)
    sheet = book["贫困户"]
    assert colour(sheet["B4"]) == colour(sheet["D3"]) == colour(sheet["A5"]) == ERROR_COLOUR
    assert colour(sheet["C3"]) == WARNING_COLOUR
    assert colour(sheet["A3"]) is colour(sheet["D4"]) is None
    assert sheet["D3"].comment.text == "错误：“100.123”小数超过两位，金额请精确到分\n提醒：偏低"
    assert sheet["B4"].comment.author == AUTHOR
    assert "整行重复" in sheet["A5"].comment.text


def test_the_clerks_own_work_stays(source):
    _, book = marked(source)
    sheet = book["贫困户"]
    assert sheet["A3"].comment.text == "干部的批注"
    assert sheet["C3"].comment.text == "提醒：姓名 <存疑> & 待核\n原批注：另一条"
    assert sheet["D3"].number_format == "0.00"
    assert sheet["B4"].number_format == "@"  # a blank cell keeps the text format of its column
    assert sheet["C5"].value == "=1+1"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:D1"]
    assert sheet.print_title_rows == "$1:$2"
    assert book.defined_names["总"].attr_text == "'贫困户'!$A$1"
    assert [row for row in book["封面"].values] == [("x",)]


def test_the_result_sheet_comes_first_with_totals_and_links(source):
    _, book = marked(source)
    assert book.sheetnames == [RESULT_SHEET, "封面", "贫困户"]
    assert book.active.title == RESULT_SHEET
    assert not book["贫困户"].sheet_view.tabSelected
    rows = list(book[RESULT_SHEET].values)
    assert rows[1][0] == "贫困户"
    assert rows[1][5] == TOTALS["贫困户"]
    assert "3 处" in rows[2]
    top = next(i for i, row in enumerate(rows) if row[0] == "序号")
    listed = rows[top + 1 :]
    assert [row[2:6] for row in listed] == [
        ("封面", None, None, "工作表"), ("贫困户", 3, "户主姓名", "C3"), ("贫困户", 3, "工资性收入", "D3"),
        ("贫困户", 3, "工资性收入", "D3"), ("贫困户", 4, "户编号", "B4"), ("贫困户", 5, None, "A5"),
    ]  # fmt: skip
    links = [book[RESULT_SHEET].cell(top + 2 + n, 6).hyperlink.location for n in range(len(listed))]
    assert links[0] == "'封面'!A1"
    assert links[-1] == "'贫困户'!A5"


def test_the_marked_workbook_is_read_like_the_first_one(source):
    out, _ = marked(source)

    def rows(path):
        with open_register(path) as book:
            assert [finding.sheet for finding in book.others(["贫困户"])] == ["封面"]
            return list(read_table(book.sheets["贫困户"], COLUMNS).records())

    assert rows(out) == rows(source)


def test_a_second_check_takes_the_marks_of_the_first_one_off(source):
    out, _ = marked(source)
    again, book = marked(out, FINDINGS[2:3], "again.xlsx")
    sheet = book["贫困户"]
    assert book.sheetnames == [RESULT_SHEET, "封面", "贫困户"]
    assert {cell.coordinate for row in sheet.iter_rows() for cell in row if colour(cell)} == {"D3"}
    assert {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment} == {"A3", "C3", "D3"}
    assert sheet["C3"].comment.text == "另一条"
    assert sheet["D3"].number_format == "0.00"
    assert sheet.print_title_rows == "$1:$2"
    clean, book = marked(again, [], "clean.xlsx")
    assert not any(colour(cell) for row in book["贫困户"].iter_rows() for cell in row)
    assert not [name for name in zipfile.ZipFile(clean).namelist() if zipfile.ZipFile(clean).namelist().count(name) > 1]


def test_marks_put_by_the_office_program_after_saving_are_still_recognised(source):
    out, book = marked(source)
    book.save(out)  # another program writes every part anew
    _, book = marked(out, [], "again.xlsx")
    sheet = book["贫困户"]
    assert not any(colour(cell) for row in sheet.iter_rows() for cell in row)
    assert {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment} == {"A3", "C3"}


def test_stored_values_of_formulas_survive(tmp_path):
    head = "".join(text_cell(f"{c}1", n) for c, n in zip("ABC", ["年度", "户编号", "户主姓名"], strict=True))
    rows = f'<row r="1" spans="1:3">{head}</row><row r="2"><c r="A2"><f>2017+1</f><v>2018</v></c><c r="C2"/></row>'
    source = pack(tmp_path / "source.xlsx", parts(rows))
    out, _ = marked(source, [Finding("贫困户", 2, "户编号", "E", "缺")])
    with open_register(out) as book:
        [record] = read_table(book.sheets["贫困户"], COLUMNS).records()
    assert record.values["year"] == 2018
    assert "spans" not in zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml").decode().partition('r="2"')[2]


def test_comments_are_capped_and_the_sheet_says_so(source, monkeypatch):
    monkeypatch.setattr(result_module, "MAX_NOTES", 2)
    monkeypatch.setattr(result_module, "MAX_LINKS", 1)
    _, book = marked(source)
    sheet = book["贫困户"]
    ours = [cell for row in sheet.iter_rows() for cell in row if cell.comment and "：" in cell.comment.text]
    assert len(ours) == 2
    assert colour(sheet["A5"]) == ERROR_COLOUR
    text = "\n".join(str(cell) for row in book[RESULT_SHEET].values for cell in row if cell)
    assert "2 个，已着色" in text
    assert "前 1 条可点击" in text


@pytest.mark.parametrize("form", ["prefixed", "utf-16", "no styles", "no references"])
def test_a_workbook_of_an_unusual_program_is_written_anew(tmp_path, form):
    head = "".join(text_cell(f"{c}1", n) for c, n in zip("ABC", ["年度", "户编号", "户主姓名"], strict=True))
    rows = f'<row r="1">{head}</row><row r="2"><c r="A2"><v>2018</v></c><c r="B2"><v>7</v></c>{text_cell("C2", "=甲")}</row>'
    content = parts(rows)
    xml = sheet_xml(rows)
    if form == "prefixed":
        xml = xml.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    elif form == "no references":
        for reference in ("1", "2", "A1", "B1", "C1", "A2", "B2", "C2"):
            xml = xml.replace(f' r="{reference}"', "")
    elif form == "no styles":
        content["xl/styles.xml"] = content["xl/styles.xml"].replace("cellXfs", "otherXfs")
    content["xl/worksheets/sheet1.xml"] = xml.encode("utf-16" if form == "utf-16" else "utf-8")
    out, book = marked(pack(tmp_path / "source.xlsx", content), [Finding("贫困户", 2, "户编号", "E", "错")])
    assert book.sheetnames == [RESULT_SHEET, "贫困户"]
    sheet = book["贫困户"]
    assert [cell.value for cell in sheet[2]] == [2018, 7, "=甲"]
    assert sheet["C2"].data_type == "s"
    assert colour(sheet["B2"]) == ERROR_COLOUR
    assert "错" in sheet["B2"].comment.text

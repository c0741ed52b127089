"""Sealed workbooks: what survives saving again, and that every change is found and named."""
import datetime as dt
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter

from office.workbooks import SealedColumn, SealedTable, Sealer, WorkbookRefused, check_sealed, write_sealed
from office.workbooks.alignment import compare

SEALER = Sealer(b"k" * 32)
COLUMNS = [SealedColumn("序号", "integer"), SealedColumn("名称"), SealedColumn("金额", "money", total=True),
           SealedColumn("日期", "date"), SealedColumn("支出率%", "number"), SealedColumn("结余", "money", total=True)]
ROWS, LAST = 50, 53
SHEET = "xl/worksheets/sheet1.xml"


def rows(count=ROWS):
    for number in range(1, count + 1):
        yield (number, f"项目 {number} <甲&乙> _x0041_", Decimal(number * 37 % 10007) / 100,
               dt.date(2018, 1, 1) + dt.timedelta(days=number), Decimal("33.33"), None if number % 3 else Decimal(number) / 10)


def write(path, found=None, number="ZJ-1", sealer=SEALER):
    return write_sealed(path, SealedTable("funds", "五华县资金台账", f"筛选：全部；导出编号：{number}", number, COLUMNS, "金额",
                                          rows() if found is None else found, 7, "ab" * 32), sealer)


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger.xlsx"
    write(path)
    return path


@pytest.fixture
def edited(ledger):
    """Opens the ledger as a person would, changes it, saves it again, and checks it."""
    def edit(change):
        book = openpyxl.load_workbook(ledger)
        change(book["台账"], book["校验"])
        book.save(ledger)
        return check_sealed(ledger, SEALER)
    return edit


def rewrite(path, part, change):
    """Changes the bytes of one part of the file."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def places(report) -> list[tuple]:
    return [(finding.what, finding.row, finding.was) for finding in report.findings if finding.sheet == "台账"]


def test_as_written_it_is_complete(ledger):
    report = check_sealed(ledger, SEALER)
    assert (report.ok, report.entries, report.first_bad, report.signed) == (True, ROWS, None, True)
    assert report.total == Decimal("471.75")
    assert report.stated["链头"] == "ab" * 32


@pytest.mark.parametrize("count", [0, 1])
def test_small_tables(tmp_path, count):
    sealed = write(tmp_path / "f.xlsx", rows(count))
    assert sealed.rows == count
    assert check_sealed(tmp_path / "f.xlsx", SEALER).ok


def test_saved_again_it_is_still_complete(edited):
    assert edited(lambda table, seal: None).ok


def test_another_look_changes_nothing(edited):
    def restyle(table, seal):
        for row in table.iter_rows(min_row=4, max_row=LAST):
            row[2].number_format = "0.0"
            row[3].number_format = "General"
            row[1].font = openpyxl.styles.Font(bold=True)
        table.column_dimensions["B"].hidden = True
        table.row_dimensions[9].hidden = True
        seal.sheet_state = "hidden"
        table.parent.create_sheet("审计记录")["A1"] = "已核对"

    report = edited(restyle)
    assert report.ok
    assert any("审计记录" in remark for remark in report.remarks)


def test_the_same_values_in_another_notation(edited):
    """Days as serial numbers, sums with what binary numbers leave behind."""
    def retype(table, seal):
        for row in table.iter_rows(min_row=4, max_row=LAST):
            row[2].value += 1e-9
            row[3].value = (row[3].value - dt.datetime(1899, 12, 30)).days

    assert edited(retype).ok


def test_days_in_the_strict_form(ledger):
    def strict(xml):
        return re.sub(r'(<c r="D\d+"[^>]*)><v>(\d+)</v>', lambda match: (
            f'{match[1]} t="d"><v>{dt.date(1899, 12, 30) + dt.timedelta(days=int(match[2]))}T00:00:00</v>'), xml)

    rewrite(ledger, SHEET, strict)
    assert check_sealed(ledger, SEALER).ok


@pytest.mark.parametrize(("cell", "value"), [
    ("A17", "14"), ("A17", "１４"), ("B17", "项目 14 <甲&乙> _x0041_ "), ("B17", " 项目 14 <甲&乙> _x0041_"),
    ("B17", "项目  14 <甲&乙> _x0041_"), ("B17", "项目\xa014 <甲&乙> _x0041_"), ("B17", "项目 １４ <甲&乙> _x0041_"),
    ("C17", "5.18"), ("C17", "5.18元"), ("D17", "2018-01-15"), ("D17", "2018年01月15日"), ("E17", "33.33"), ("F17", " "),
])
def test_a_cell_that_only_looks_the_same_is_found(edited, cell, value):
    """An amount that became a text is no longer in the sums; a blank makes a name another one to every look-up."""
    report = edited(lambda table, seal: table.__setitem__(cell, value))
    assert (report.ok, report.first_bad) == (False, "台账:17")


def test_a_changed_check_of_cells_is_found(edited):
    def change(table, seal):
        cell = seal.cell(row=seal.max_row - 5, column=3)
        cell.value = ("0" if cell.value[0] != "0" else "1") + cell.value[1:]

    report = edited(change)
    assert (report.ok, report.first_bad) == (False, "校验")


def test_hidden_rows_are_remarked(edited):
    report = edited(lambda table, seal: setattr(table.row_dimensions[9], "hidden", True))
    assert report.ok
    assert "1 行被隐藏（第 9 行起）" in report.remarks[0]


@pytest.mark.parametrize(("sheet", "now"), [("台账", "资金台账2018"), ("校验", "Sheet2")])
def test_a_sheet_by_another_name_is_checked_all_the_same(edited, sheet, now):
    report = edited(lambda table, seal: setattr(table.parent[sheet], "title", now))
    assert (report.ok, report.entries) == (True, ROWS)
    assert f"工作表“{sheet}”已改名为“{now}”" in report.remarks[0]


def test_a_sheet_by_another_name_beside_others_is_asked_for(edited):
    def change(table, seal):
        table.title = "资金台账2018"
        table.parent.create_sheet("底稿")

    report = edited(change)
    assert (report.ok, report.first_bad) == (False, "台账")
    assert "现有工作表：资金台账2018、底稿），请改回“台账”" in report.findings[0].sentence


def test_another_sheet_is_not_taken_for_the_table(edited):
    def change(table, seal):
        table.parent.create_sheet("底稿")["A1"] = "抽查"
        table.parent.remove(table)

    report = edited(change)
    assert [finding.sentence for finding in report.findings] == ["工作表“台账”不见了，台账已不完整（“底稿”不是台账）"]
    assert not report.remarks


def test_a_sorted_table_is_told_from_a_changed_one(edited):
    def turn_round(table, seal):
        found = [[cell.value for cell in row] for row in table.iter_rows(min_row=4, max_row=LAST)]
        for number, values in enumerate(reversed(found), start=4):
            for index, value in enumerate(values, start=1):
                table.cell(number, index, value)

    report = edited(turn_round)
    assert (report.ok, report.only_moved) == (False, True)
    assert report.remarks[0].startswith("每一行的内容都与导出时一致")
    assert not edited(lambda table, seal: table.__setitem__("C9", 1)).only_moved


@pytest.mark.parametrize(("cell", "said"), [("H17", "第 17 行被改动：表外 H 列有后来添加的内容"),
                                          ("G54", "第 54 行被改动：表外 G 列有后来添加的内容")])
def test_a_note_beside_the_table_is_named(edited, cell, said):
    report = edited(lambda table, seal: table.__setitem__(cell, "已抽查"))
    assert said in report.findings[0].sentence


def test_dates_counted_from_1904(ledger):
    """As a Mac saves it: every serial number is 1462 less."""
    rewrite(ledger, "xl/workbook.xml", lambda xml: re.sub("<workbookPr", '<workbookPr date1904="1"', xml))
    rewrite(ledger, SHEET, lambda xml: re.sub(
        r'(<c r="D\d+"[^>]*><v>)(\d+)', lambda match: f"{match[1]}{int(match[2]) - 1462}", xml))
    assert check_sealed(ledger, SEALER).ok


def test_shared_strings_with_runs(ledger):
    def share(xml):
        return re.sub(r't="inlineStr"><is><t>五华县资金台账</t></is>',
                      't="inlineStr"><is><r><t>五华县</t></r><r><rPr><b/></rPr><t>资金台账</t></r><rPh><t>x</t></rPh></is>', xml)

    rewrite(ledger, SHEET, share)
    assert check_sealed(ledger, SEALER).ok


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_saved_again_by_another_program(ledger, tmp_path):
    subprocess.run(["soffice", "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "again", ledger], check=True,
                   capture_output=True, timeout=120)
    assert check_sealed(tmp_path / "again" / ledger.name, SEALER).ok


def test_a_changed_amount_is_named_with_its_column(edited):
    report = edited(lambda table, seal: table.__setitem__("C17", 1))
    assert places(report) == [("changed", 17, 17)]
    assert (report.first_bad, report.findings[0].sentence) == ("台账:17", "第 17 行被改动：“金额”")


@pytest.mark.parametrize(("cell", "value"), [
    ("A4", 2), ("B30", "项目 30"), ("C53", 0.001), ("C20", "=5.92"), ("D9", dt.date(2018, 1, 1)), ("E10", 33.34), ("F6", None),
    ("F5", 0), ("H12", "后补"), ("C10", "免"), ("C11", 1e300)])
def test_any_changed_cell_is_found(edited, cell, value):
    row = int(cell[1:])
    assert places(edited(lambda table, seal: table.__setitem__(cell, value))) == [("changed", row, row)]


def test_a_formula_that_shows_the_right_amount_is_still_a_change(ledger):
    rewrite(ledger, SHEET, lambda xml: re.sub(r'(<c r="C17"[^>]*>)<v>', r"\1<f>1+1</f><v>", xml))
    assert places(check_sealed(ledger, SEALER)) == [("changed", 17, 17)]


@pytest.mark.parametrize(("cell", "said"), [("A1", "标题"), ("A2", "筛选条件"), ("C3", "列名")])
def test_the_head_counts(edited, cell, said):
    report = edited(lambda table, seal: table.__setitem__(cell, "改"))
    assert places(report) == [("changed", int(cell[1]), int(cell[1]))]
    assert said in report.findings[0].sentence


def sums_again(table, last):
    """Formulas as spreadsheet programs adjust them when rows come or go."""
    for letter in "CF":
        table[f"{letter}{last + 1}"] = f"=SUM({letter}4:{letter}{last})"


@pytest.mark.parametrize("row", [4, 17, LAST])
def test_a_removed_row_is_named(edited, row):
    def remove(table, seal):
        table.delete_rows(row)
        sums_again(table, LAST - 1)

    report = edited(remove)
    assert places(report) == [("removed", None, row)]
    assert (report.first_bad, report.entries) == (f"台账:{row}", ROWS - 1)


def test_a_removed_last_row_whose_formulas_were_not_adjusted(edited):
    report = edited(lambda table, seal: table.delete_rows(LAST))
    assert places(report) == [("removed", None, LAST), ("changed", LAST, LAST + 1)]


@pytest.mark.parametrize("row", [4, 17, LAST + 1])
def test_an_added_row_is_named(edited, row):
    def add(table, seal):
        table.insert_rows(row)
        for letter, value in zip("ABCD", (99, "假项目", 100, dt.date(2018, 1, 1)), strict=True):
            table[f"{letter}{row}"] = value
        sums_again(table, LAST + 1)

    assert places(edited(add)) == [("added", row, None)]


def test_rows_behind_the_total_are_added_rows(edited):
    assert places(edited(lambda table, seal: table.append([51, "假项目", 100]))) == [("added", LAST + 2, None)]


@pytest.mark.parametrize(("one", "other"), [(17, 18), (17, 40), (4, LAST)])
def test_exchanged_rows_are_named(edited, one, other):
    def exchange(table, seal):
        for letter in "ABCDEF":
            first, second = table[f"{letter}{one}"], table[f"{letter}{other}"]
            first.value, second.value = second.value, first.value

    assert set(places(edited(exchange))) == {("moved", one, other), ("moved", other, one)}


def test_several_changes_at_once(edited):
    def change(table, seal):
        table["C10"] = 1
        table.delete_rows(12)
        table["B20"] = "改"          # was row 21
        sums_again(table, LAST - 1)

    assert places(edited(change)) == [("changed", 10, 10), ("removed", None, 12), ("changed", 20, 21)]


@pytest.mark.parametrize("value", [5, None, "=SUM(C4:C52)", "=C4"])
def test_the_total_must_be_the_sum_of_all_rows(edited, value):
    report = edited(lambda table, seal: table.__setitem__(f"C{LAST + 1}", value))
    assert places(report) == [("changed", LAST + 1, LAST + 1)]
    assert "求和" in report.findings[0].sentence


def test_a_stored_total_that_is_not_the_sum(ledger):
    rewrite(ledger, SHEET, lambda xml: re.sub(r"(<f>SUM\(C4:C53\)</f><v>)[^<]*", r"\g<1>999.99", xml))
    report = check_sealed(ledger, SEALER)
    assert places(report) == [("changed", LAST + 1, LAST + 1)]
    assert "显示 999.99，与各行之和 471.75 不符" in report.findings[0].sentence


def test_the_total_row_removed(edited):
    report = edited(lambda table, seal: table.delete_rows(LAST + 1))
    assert [finding.sentence for finding in report.findings] == ["最后的合计行被删除"]


def digest_row(seal, number):
    return next(row for row in seal.iter_rows(min_row=14) if row[0].value == number)


@pytest.mark.parametrize("name", ["行数", "控制总数", "链头", "链头序号", "导出编号", "种类", "总摘要"])
def test_what_the_checking_sheet_states_is_signed(edited, name):
    def change(table, seal):
        next(row for row in seal.iter_rows() if row[0].value == name)[1].value = "1"

    report = edited(change)
    assert (report.ok, report.signed) == (False, False)
    assert "签名" in report.findings[0].sentence


def test_a_changed_digest_does_not_accuse_the_row(edited):
    report = edited(lambda table, seal: setattr(digest_row(seal, 17)[1], "value", "00" * 16))
    assert (places(report), report.first_bad) == ([], "校验")


def test_a_row_removed_together_with_its_digest(edited):
    def remove(table, seal):
        seal.delete_rows(digest_row(seal, 17)[0].row)
        table.delete_rows(17)
        sums_again(table, LAST - 1)

    assert places(edited(remove)) == [("removed", None, 17)]


def test_a_row_and_digest_taken_from_another_export(edited, tmp_path):
    """Digests of equal rows are equal, so a whole row may be brought along; the whole does not fit any more."""
    write(tmp_path / "other.xlsx", [(17, "别的项目", Decimal(5), None, None, None)], "ZJ-2")
    other = openpyxl.load_workbook(tmp_path / "other.xlsx")

    def bring(table, seal):
        for letter in "ABCDEF":
            table[f"{letter}20"] = other["台账"][f"{letter}4"].value
        for index in (1, 2):
            digest_row(seal, 20)[index].value = digest_row(other["校验"], 4)[index].value

    report = edited(bring)
    assert (report.ok, report.first_bad) == (False, "校验")


@pytest.mark.parametrize("sheet", ["台账", "校验"])
def test_a_sheet_taken_away(edited, sheet):
    report = edited(lambda table, seal: table.parent.remove(table.parent[sheet]))
    assert (report.ok, report.first_bad) == (False, sheet)


def test_another_installation_says_so(ledger):
    report = check_sealed(ledger, Sealer(b"x" * 32))
    assert not report.ok
    assert "另一套系统" in report.findings[0].sentence


def test_a_forger_without_the_key_cannot_seal(tmp_path):
    write(tmp_path / "forged.xlsx", sealer=Sealer(b"x" * 32))
    rewrite(tmp_path / "forged.xlsx", "xl/worksheets/sheet2.xml",
            lambda xml: xml.replace(Sealer(b"x" * 32).key_id, SEALER.key_id))
    report = check_sealed(tmp_path / "forged.xlsx", SEALER)
    assert (report.ok, report.signed) == (False, False)


@pytest.mark.parametrize("hide", [
    lambda xml: re.sub(r'(<row r="17">.*?</row>)', r"<!-- \1 --><row r='17'><c r='C17'><v>1</v></c></row>", xml),
    lambda xml: re.sub(r'(<row r="17">)', r"\1<c r='A17'><v>1</v></c>", xml),
    lambda xml: re.sub(r'(<row r="17">.*?</row>)', r"\1\1", xml),
    lambda xml: xml.replace("<sheetData>", "<!-- <sheetData> --><sheetData>"),
    lambda xml: xml.replace("</sheetData>", "</sheetData><sheetData><row r='90'><c r='A90'><v>1</v></c></row></sheetData>"),
])
def test_tricks_with_the_file_itself_do_not_help(ledger, hide):
    """What one program would read and another not: an error or a finding, never a clean bill."""
    rewrite(ledger, SHEET, hide)
    try:
        assert not check_sealed(ledger, SEALER).ok
    except WorkbookRefused:
        pass


def test_what_is_no_ledger_is_refused(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "other.xlsx")) as book:
        book.add_worksheet("Sheet1").write(0, 0, "x")
    with pytest.raises(WorkbookRefused, match="不是本系统导出的台账"):
        check_sealed(tmp_path / "other.xlsx", SEALER)
    (tmp_path / "no.xlsx").write_text("x")
    with pytest.raises(WorkbookRefused):
        check_sealed(tmp_path / "no.xlsx", SEALER)


def test_too_long_a_text_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(WorkbookRefused, match="放不下"):
        write(tmp_path / "f.xlsx", [(1, "长" * 40000, None, None, None, None)])
    assert not list(tmp_path.iterdir())


def test_too_many_rows_are_refused_never_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("office.workbooks.sealed_writer.MAX_ROWS", 10)
    with pytest.raises(WorkbookRefused, match="分别导出"):
        write(tmp_path / "f.xlsx")
    assert not list(tmp_path.iterdir())


def test_equal_rows_are_told_apart_by_their_number():
    rows = [b"a", b"a", b"b", b"a"]
    assert [tuple(one) for one in compare(rows, [b"a", b"b", b"a"], lambda before, now: 0)] == [("removed", 1, None)]
    assert compare(rows, list(rows), lambda before, now: 0) == []


def test_it_can_be_read_on_paper(tmp_path):
    """A3 and two sheets side by side when wide; long texts on several lines; what stands above on every sheet."""
    wide = [SealedColumn("序号", "integer", width=6), *(SealedColumn(f"列{n}", width=40, wrap=True) for n in range(8)),
            SealedColumn("金额", "money", total=True, width=18)]
    table = SealedTable("funds", "五华县资金台账", "筛选：甲&乙；导出编号：ZJ-9", "ZJ-9", wide, "金额",
                        [(1, "长" * 45, *[""] * 7, Decimal(5)), (2, *["短"] * 8, Decimal(6))], 7, "ab" * 32)
    write_sealed(tmp_path / "f.xlsx", table, SEALER)
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    sheet = book["台账"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.print_title_cols) == (8, 2, "$A:$A")
    assert "筛选：甲&&乙；导出编号：ZJ-9" in sheet.oddHeader.left.text
    assert sheet.row_dimensions[4].height == 45
    assert sheet.row_dimensions[5].height is None
    assert sheet["B4"].alignment.wrap_text
    assert not sheet["A2"].alignment.wrap_text
    assert book["校验"].print_area == "'校验'!$A$1:$C$14"
    assert check_sealed(tmp_path / "f.xlsx", SEALER).ok

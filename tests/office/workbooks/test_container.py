import zipfile

import pytest

from office.workbooks import DEFAULT_MAX_BYTES, WorkbookRefused, inspect_file
from office.workbooks import container as box
from tests.office.workbooks.builders import MAIN, pack, packed, parts, sheet_xml, text_cell

DTD = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def refusal(path, **options) -> str:
    with pytest.raises(WorkbookRefused) as refused:
        inspect_file(path, **options)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert "请" in sentence  # every refusal says what to do
    return sentence


def test_a_plain_workbook_passes(tmp_path):
    path = pack(tmp_path / "a.xlsx", parts(f'<row r="1">{text_cell("A1", "x")}</row>'))
    assert inspect_file(path).scans["xl/worksheets/sheet1.xml"].filled_rows == 1


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空的"),
        (b"a,b,c\n1,2,3\n", "不是 .xlsx"),
        ("年度,户编号".encode("gbk"), "不是 .xlsx"),
        (b"<html><table></table></html>", "不是 .xlsx"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "Workbook".encode("utf-16-le"), "旧版 .xls"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"PK\x03\x04" + b"junk" * 100, "损坏"),
        (b"PK", "损坏"),
        (packed(parts())[:-40], "损坏"),
        (packed({"a.txt": "x"}), "不是 .xlsx"),
        (packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}), "不是 .xlsx"),
    ],
)
def test_other_kinds_of_files_are_named(tmp_path, content, word):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert word in refusal(path)


def test_a_missing_file_is_said_in_a_sentence(tmp_path):
    assert "无法打开" in refusal(tmp_path / "none.xlsx")


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"])
def test_macros_are_refused(tmp_path, name):
    assert "宏" in refusal(pack(tmp_path / "a.xlsx", parts() | {name: "x"}))


def test_a_macro_workbook_renamed_is_refused(tmp_path):
    content = parts()
    types = content["[Content_Types].xml"]
    content["[Content_Types].xml"] = types.replace(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert "宏" in refusal(pack(tmp_path / "a.xlsx", content))


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "docProps/app.xml", "xl/odd.bin"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_dtd_is_refused_in_any_part_and_encoding(tmp_path, part, encoding):
    xml = f'<?xml version="1.0"?><!-- {"x" * 5000} -->{DTD}<worksheet xmlns="{MAIN}">&x;</worksheet>'
    assert "DTD" in refusal(pack(tmp_path / "a.xlsx", parts() | {part: xml.encode(encoding)}))


def test_a_dtd_behind_a_very_long_comment_is_refused(tmp_path):
    xml = f"<!--{'x' * 200_000}-->{DTD}<worksheet/>"
    refusal(pack(tmp_path / "a.xlsx", parts() | {"xl/worksheets/sheet1.xml": xml}))


def test_encodings_that_no_spreadsheet_writes_are_refused(tmp_path):
    xml = f'<?xml version="1.0" encoding="UTF-7"?><worksheet xmlns="{MAIN}"/>'
    assert "损坏" in refusal(pack(tmp_path / "a.xlsx", parts() | {"xl/worksheets/sheet1.xml": xml}))


def test_the_size_limit_is_configurable(tmp_path):
    path = pack(tmp_path / "a.xlsx", parts())
    assert "上限" in refusal(path, max_bytes=100)
    assert DEFAULT_MAX_BYTES == 100 * 2**20


def test_a_bomb_is_refused_by_its_table_of_contents(tmp_path):
    assert "解压" in refusal(pack(tmp_path / "a.xlsx", parts() | {"xl/big.xml": b"<x>" + b" " * 60 * 2**20}))


def test_a_bomb_that_lies_about_its_size_is_refused_while_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(box, "MAX_UNPACKED", 3 * 2**20)
    content = packed(parts() | {"xl/big.xml": b"<x>" + b" " * 4 * 2**20})
    honest = (4 * 2**20 + 3).to_bytes(4, "little")
    assert content.count(honest) == 2
    path = tmp_path / "a.xlsx"
    path.write_bytes(content.replace(honest, (100).to_bytes(4, "little")))
    assert "解压" in refusal(path)


def test_a_wrong_checksum_or_size_is_damage(tmp_path):
    path = pack(tmp_path / "a.xlsx", parts())
    with zipfile.ZipFile(path) as archive:
        checksum = archive.getinfo("xl/workbook.xml").CRC
    path.write_bytes(path.read_bytes().replace(checksum.to_bytes(4, "little"), b"\1\2\3\4"))
    assert "损坏" in refusal(path)


def test_two_parts_with_one_name_are_refused(tmp_path):
    assert "损坏" in refusal(pack(tmp_path / "a.xlsx", parts() | {"XL/workbook.xml": "<x/>"}))


def test_too_many_rows_are_refused_but_formatted_blank_rows_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(box, "MAX_ROWS", 5)
    filled = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 8))
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(1, 100))
    assert "万行" in refusal(pack(tmp_path / "a.xlsx", parts(filled)))
    inspect_file(pack(tmp_path / "b.xlsx", parts(blank)))


def test_an_external_link_is_left_alone(tmp_path):
    link = {"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>'}
    inspect_file(pack(tmp_path / "a.xlsx", parts() | link))


def test_formulas_without_a_place_are_refused(tmp_path):
    assert "公式" in refusal(pack(tmp_path / "a.xlsx", parts("<row><c><f>1+1</f></c></row>")))


def test_a_row_without_end_is_refused(tmp_path):
    endless = sheet_xml('<row r="1">' + '<c r="A1"/>' * 3_500_000)
    assert "异常庞大" in refusal(pack(tmp_path / "a.xlsx", parts() | {"xl/worksheets/sheet1.xml": endless}))

"""A workbook against what the register already holds, and how the command behaves."""
import datetime as dt

import pytest
from openpyxl import load_workbook

from households.models import HouseholdYear, MemberYear
from office.models import AuditEvent
from tests.households.workbook import build, citizen_number, household, household_no, import_file, member, village

pytestmark = [pytest.mark.django_db, pytest.mark.req("R320", "R012")]


def test_a_changed_cell_updates_one_row_with_history(load):
    load([household(), household(2)], [member(), member(2)])

    answer = load([household(工资性收入=12000), household(2)], [member(), member(2)])

    assert answer.counts("households") == (0, 1, 1, 0)
    assert answer.counts("members") == (0, 0, 2, 0)
    past = HouseholdYear.history.filter(household_id=household_no(1)).order_by("history_id")
    assert [(row.history_type, row.wage_income) for row in past] == [("+", 10000), ("~", 12000)]
    assert "导入工作簿" in past[1].history_change_reason


def test_absent_columns_stay_and_blank_cells_clear(load):
    load([household(开户银行名称="农商行", 饮水安全="是")], [member()])

    load([household(饮水安全=None)], [member()])

    row = HouseholdYear.objects.get()
    assert (row.bank_name, row.water_secure) == ("农商行", None)


def test_members_alone_against_the_register(load):
    load([household(家庭人口数=None)], [member()])

    answer = load(members=[member(1, 2), member(1, 3, 与户主关系="户主")])
    single = load(members=[member(1, 2)])

    assert answer.counts("members") == (0, 0, 0, 2)   # a second head beside the registered one
    assert answer.findings == (1, 0)
    assert single.counts("members") == (1, 0, 0, 0)
    assert single.counts("households") == (0, 0, 0, 0)


def test_households_alone_against_the_register(load):
    load([household()], [member()])

    good = load([household(工资性收入=1)])
    bad = load([household(户主姓名="李四")])
    small = load([household(家庭人口数=2)])

    assert good.counts("households") == (0, 1, 0, 0)
    assert bad.counts("households") == small.counts("households") == (0, 0, 0, 1)


def test_a_member_leaves_by_status_only(load):
    load([household(家庭人口数=2)], [member(), member(1, 2)])

    silent = load([household(家庭人口数=1)], [member()])
    said = load([household(家庭人口数=1)], [member(), member(1, 2, 人员状态="自然减少")])

    assert silent.counts("households") == (0, 0, 0, 1)
    assert said.counts("households") == (0, 1, 0, 0)
    assert said.counts("members") == (0, 1, 1, 0)


def test_a_number_that_the_register_has_on_another_person(load):
    load([household()], [member(证件号码=citizen_number(77))])

    answer = load([household(2)], [member(2, 证件号码=citizen_number(77))])

    assert answer.counts("households") == answer.counts("members") == (0, 0, 0, 1)
    assert answer.findings == (1, 0)


def test_two_households_exchange_numbers(load):
    a, b = citizen_number(71), citizen_number(73)
    load([household(1), household(2)], [member(1, 证件号码=a), member(2, 证件号码=b)])

    answer = load([household(1), household(2)], [member(1, 证件号码=b), member(2, 证件号码=a)])

    assert (answer.code, answer.counts("members")) == (0, (0, 2, 0, 0))
    assert dict(MemberYear.objects.values_list("member_id", "relationship")) == {
        household_no(1) + "01": "head", household_no(2) + "01": "head"}
    assert {m.member_id[:16]: m.id_number for m in MemberYear.objects.all()} == {household_no(1): b, household_no(2): a}


def test_who_takes_a_number_over_waits_for_who_gives_it_up(load):
    a, b = citizen_number(71), citizen_number(73)
    load([household(1), household(2)], [member(1, 证件号码=a), member(2, 证件号码=b)])

    answer = load([household(1, 家庭人口数=5), household(2)], [member(1, 证件号码=citizen_number(75)), member(2, 证件号码=a)])

    assert answer.counts("households") == (0, 0, 0, 2)
    assert answer.findings == (2, 0)


def test_the_head_changes_within_a_household(load):
    load([household(家庭人口数=2)], [member(), member(1, 2)])

    answer = load([household(家庭人口数=2, 户主姓名="张四")],
                  [member(1, 1, 与户主关系="之父", 证件号码=citizen_number(13)),
                   member(1, 2, 与户主关系="户主", 证件号码=citizen_number(11))])

    assert (answer.code, answer.counts("members")) == (0, (0, 2, 0, 0))


def test_parts_kept_in_the_register_hold_for_a_file_without_them(load):
    load([household(转移性收入=60, 低保金=60)], [member()])

    same, other = load([household(转移性收入=60)]), load([household(转移性收入=70)])

    assert same.counts("households") == (0, 0, 1, 0)
    assert other.counts("households") == (0, 0, 0, 1)


def test_a_missing_required_column_applies_nothing(load):
    rows = household()
    del rows["劳动能力"]

    answer = load([rows], [member()], [village()])

    assert (answer.code, answer.json) == (1, None)
    assert "贫困户" in answer.err
    assert "劳动能力" in answer.err
    assert not HouseholdYear.objects.exists()


def test_dry_run_says_the_same_and_writes_nothing(load):
    rows = ([household(), household(2, 家庭人口数=4)], [member(), member(2)], [village()])

    tried, done = load(*rows, options=["--dry-run"]), load(*rows)

    assert tried.json == done.json
    assert tried.code == done.code == 2
    assert HouseholdYear.objects.count() == 1


def test_all_or_nothing(load):
    rows = ([household(), household(2, 家庭人口数=4)], [member(), member(2)])

    answer = load(*rows, options=["--all-or-nothing"])
    clean = load(rows[0][:1], rows[1][:1], options=["--all-or-nothing"])

    assert (answer.code, answer.json) == (1, None)
    assert (clean.code, clean.counts("households")) == (0, (1, 0, 0, 0))
    assert clean.findings == (0, 0)


def test_the_report_is_the_own_workbook_marked(load, tmp_path):
    report = tmp_path / "report.xlsx"
    first = household(家庭人口数=4)

    load([first, household(2)], [member(), member(2, 性别="女")], title="五华县登记表", options=["--report", str(report)])

    book = load_workbook(report)
    assert book.sheetnames == ["检查结果", "贫困户", "贫困人口"]
    sheet = book["贫困户"]
    cell = sheet.cell(3, list(first).index("家庭人口数") + 1)
    assert "家庭人口数 4" in cell.comment.text
    assert cell.fill.fgColor.rgb != sheet.cell(4, cell.column).fill.fgColor.rgb
    listed = " ".join(str(c) for row in book["检查结果"].iter_rows(values_only=True) for c in row if c)
    assert "家庭人口数 4" in listed
    assert "性别" in listed
    again = import_file(report)   # the marks do not hinder
    assert again.counts("households") == (0, 0, 1, 1)


def test_the_report_of_a_workbook_refused_whole_does_not_claim_to_be_applied(load, tmp_path):
    report = tmp_path / "report.xlsx"

    load([household(家庭人口数=4), household(2)], [member(), member(2)],
         options=["--all-or-nothing", "--report", str(report)])

    lines = dict((row[0], row[5]) for row in load_workbook(report)["检查结果"].iter_rows(max_row=9, values_only=True))
    assert lines["结果"].startswith("整份退回，未写入")
    assert [label for label in lines if "错误" in (label or "")] == ["错误（红色，未导入）"]


def test_a_report_that_cannot_be_a_file_stops_the_import_before_it_starts(load, tmp_path):
    answer = load([household()], [member()], options=["--report", str(tmp_path)])

    assert (answer.code, HouseholdYear.objects.count()) == (1, 0)
    assert "是文件夹" in answer.err


def test_a_report_that_cannot_be_written_says_that_the_rows_were(load, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr("households.importer.run.mark", full)

    answer = load([household()], [member()], options=["--report", str(tmp_path / "report.xlsx")])

    assert (answer.code, HouseholdYear.objects.count()) == (1, 1)
    assert "数据已写入" in answer.err


def test_an_untidy_file(load):
    rows = household(工资性收入="１,２３４.５０", 生产经营性收入="￥1234.5", 不愁吃="√", 首次识别时间="2016年5月1日",
                     户编号=int(household_no(1)[:15]) * 10 + 1)
    rows["户编号"] = f" {household_no(1)} "
    rows = {"年度": rows.pop("年度"), "户码 ": rows.pop("户编号"), "耕地面积（亩）": 2.5, "备注": "说明"} | rows

    answer = load([rows, {"年度": "合计"}], [member()], title="登记表", extra=["参考"])

    assert (answer.code, answer.counts("households")) == (0, (1, 0, 0, 0))
    assert answer.findings == (0, 2)   # an unknown column, an unknown sheet
    row = HouseholdYear.objects.get()
    assert (str(row.wage_income), row.first_identified_on, str(row.arable_area)) == ("1234.50", dt.date(2016, 5, 1), "2.50")


def test_text_that_looks_like_a_formula_stays_text(load, tmp_path):
    path = build(tmp_path / "formula.xlsx", [household()], [member()])
    book = load_workbook(path)
    sheet = book["贫困户"]
    sheet.cell(1, sheet.max_column + 1, "开户银行名称")
    cell = sheet.cell(2, sheet.max_column, "=1+1")
    cell.data_type = "s"
    book.save(path)

    assert import_file(path).code == 0
    assert HouseholdYear.objects.get().bank_name == "=1+1"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])
def test_what_is_no_workbook_is_turned_away(tmp_path, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)

    answer = import_file(path)

    assert (answer.code, answer.json) == (1, None)
    assert len(answer.err.strip().splitlines()[-1]) > 10


def test_unknown_programme_and_missing_file(tmp_path, load):
    assert load([household()], [member()], programme="XX").code == 1
    assert import_file(tmp_path / "missing.xlsx").code == 1


def test_an_import_is_in_the_trail(load):
    load([household()], [member()])

    event = AuditEvent.objects.latest("sequence")
    assert event.action == "导入登记数据"
    assert event.detail["households"]["created"] == 1

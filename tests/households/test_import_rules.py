"""The rules of the register workbook, one by one, through the command (contract: the register workbook)."""
import datetime as dt
from decimal import Decimal

import pytest

from households.models import HouseholdYear, MemberYear
from tests.households.workbook import citizen_number, household, household_no, member, village
from villages.models import VillageYear

pytestmark = [pytest.mark.django_db, pytest.mark.req("R320", "R013")]


def test_a_clean_workbook_goes_in(load):
    answer = load([household()], [member()], [village()])

    assert answer.code == 0
    assert answer.counts("households") == answer.counts("members") == answer.counts("villages") == (1, 0, 0, 0)
    assert answer.findings == (0, 0)
    row = HouseholdYear.objects.get()
    assert (row.household_id, row.village_id, row.operating_income) == (household_no(1), household_no(1)[:12],
                                                                        Decimal("2000.50"))
    assert (row.head_initials, row.residence, row.food_secure, row.water_secure) == ("zs", "rural", True, None)
    person = MemberYear.objects.get()
    assert (person.id_number, person.status, person.birth_year) == (citizen_number(11), "normal", 1970)
    assert VillageYear.objects.get().pc_disposable_income == Decimal("12000.50")


def test_sent_again_nothing_changes(load):
    load([household()], [member()], [village()])

    again = load([household()], [member()], [village()])

    assert again.code == 0
    assert again.counts("households") == again.counts("members") == again.counts("villages") == (0, 0, 1, 0)
    assert HouseholdYear.history.count() == MemberYear.history.count() == 1


HOUSEHOLD_ERRORS = {
    "year too early": {"年度": 2013}, "year too late": {"年度": 2031}, "no year": {"年度": None},
    "short number": {"户编号": "44142413400100"}, "no such village": {"户编号": "4414241349990001"},
    "village outside the programme": {"户编号": "4407040010010001"},
    "identified after the year": {"首次识别时间": dt.date(2019, 1, 1)}, "no such day": {"首次识别时间": "2018-02-30"},
    "another head": {"户主姓名": "李四"}, "no head name": {"户主姓名": None},
    "wrong size": {"家庭人口数": 2}, "category unknown": {"贫困户属性": "富裕户"}, "category blank": {"贫困户属性": None},
    "labour unknown": {"劳动能力": "部分"}, "cause unknown": {"主要致贫原因": "不明"}, "cause blank": {"主要致贫原因": None},
    "other cause unknown": {"其他致贫原因": "因学、不明"}, "three other causes": {"其他致贫原因": "因学、因残，因灾"},
    "other is the main cause": {"其他致贫原因": "因病"}, "negative wage": {"工资性收入": -1},
    "three decimals": {"工资性收入": "12.345"}, "not money": {"生产经营性收入": "约两千"},
    "heading is not the sum": {"转移性收入": 100, "低保金": 60, "养老保险金": 30},
    "property is not the sum": {"财产性收入": 10, "资产收益扶贫分红收入": 10.5},
    "number with lost digits": {"银行卡号": 6222021234567890123}, "negative area": {"住房面积": -1},
    "unreadable yes/no": {"不愁吃": "大概"},
}


@pytest.mark.parametrize("cells", HOUSEHOLD_ERRORS.values(), ids=HOUSEHOLD_ERRORS.keys())
def test_a_household_with_an_error_is_refused_with_its_members(load, cells):
    wrong = household(1, **cells)
    key = {label: wrong[label] for label in ("年度", "户编号")}
    people = [member(1, **key, 人编号=f"{wrong['户编号']}01")] if all(key.values()) else []

    answer = load([wrong, household(2)], [*people, member(2)])

    assert answer.code == 2
    assert answer.counts("households") == (1, 0, 0, 1)
    assert answer.counts("members") == (1, 0, 0, len(people))
    expected = 2 if len(wrong["户编号"]) != 16 else 1   # the member's own number is as short
    assert answer.findings == (expected, 0)
    assert list(HouseholdYear.objects.values_list("household_id", flat=True)) == [household_no(2)]


HOUSEHOLD_DOUBTS = {
    "card check digit": {"银行卡号": "6222021234567890"}, "unsafe house called safe": {"危房级别": "C"},
    "residence unknown": {"城乡类别": "城中村"}, "standard unknown": {"识别标准": "县定标准"},
    "fuel unknown": {"主要燃料类型": "木炭"}, "income per head differs": {"人均可支配收入": 11500.52},
}


@pytest.mark.parametrize("cells", HOUSEHOLD_DOUBTS.values(), ids=HOUSEHOLD_DOUBTS.keys())
def test_a_doubt_goes_in_with_a_warning(load, cells):
    answer = load([household(**cells)], [member()])

    assert answer.code == 0
    assert answer.counts("households") == (1, 0, 0, 0)
    assert answer.findings == (0, 1)


def test_an_unknown_label_keeps_its_text(load):
    load([household(城乡类别="城中村", 识别标准="县定标准", 危房级别="E")],
         [member(劳动技能="半劳力", 性别="不详", 民族="穿青人", 留守类型="留守者")])

    row, person = HouseholdYear.objects.get(), MemberYear.objects.get()
    assert (row.residence, row.standard, row.danger_level) == ("城中村", "县定标准", "E")
    assert (person.labour_skill, person.sex, person.ethnicity, person.left_behind) == ("半劳力", "不详", "穿青人", "留守者")


def test_a_status_nobody_knows_is_kept_and_does_not_count(load):
    gone = member(1, 2, 人员状态="失联")

    answer = load([household()], [member(), gone])

    assert (answer.code, answer.findings) == (0, (0, 1))
    assert MemberYear.objects.get(member_id=household_no(1) + "02").status == "失联"


def test_income_per_head_within_a_fen_is_no_doubt(load):
    answer = load([household(家庭人口数=3, 人均可支配收入=3833.49)], [member(), member(1, 2), member(1, 3)])

    assert answer.findings == (0, 0)   # 11500.50 / 3 = 3833.50


def test_parts_make_the_heading(load):
    answer = load([household(转移性收入=None, 低保金=60, 养老保险金="30.25", 财产性收入=12, 其他财产性收入=12)], [member()])

    assert answer.findings == (0, 0)
    row = HouseholdYear.objects.get()
    assert (row.transfer_income, row.property_income, row.dividend_income) == (Decimal("90.25"), Decimal(12), None)


def test_a_blank_heading_is_nothing_earned(load):
    answer = load([household(工资性收入=None, 转移性收入="")], [member()])

    assert (answer.code, answer.findings) == (0, (0, 0))
    assert HouseholdYear.objects.get().wage_income == 0


MEMBER_ERRORS = {
    "number of another household": {"人编号": "441424134001999901"}, "no name": {"姓名": None},
    "short ID": {"证件号码": "44142419700203001"}, "check character": {"证件号码": citizen_number(11)[:17] + "0"},
    "no such birthday": {"证件号码": "44142419700231001X"}, "no ID": {"证件号码": None},
    "relationship unknown": {"与户主关系": "朋友"}, "thirteen months": {"务工时间": 13}, "no skill": {"劳动技能": None},
    "ID as a number": {"证件号码": 441424197002030110},
}


@pytest.mark.parametrize("cells", MEMBER_ERRORS.values(), ids=MEMBER_ERRORS.keys())
def test_an_error_of_a_member_refuses_the_household(load, cells):
    answer = load([household(), household(2)], [member(**cells), member(2)])

    assert answer.code == 2
    assert answer.counts("households") == answer.counts("members") == (1, 0, 0, 1)
    assert answer.findings == (1, 0)


MEMBER_DOUBTS = {
    "sex against the ID": {"性别": "女"}, "prefix never given": {"证件号码": citizen_number(11, prefix="991424")},
    "child not in school": {"证件号码": citizen_number(11, "20100203"), "在校生状况": "非在校生"},
    "disability card": {"残疾证号": "123"}, "education unknown": {"文化程度": "博士"}, "one character": {"姓名": "张"},
}


@pytest.mark.parametrize("cells", MEMBER_DOUBTS.values(), ids=MEMBER_DOUBTS.keys())
def test_a_doubt_about_a_member_goes_in(load, cells):
    answer = load([household(户主姓名=cells.get("姓名", "张三"))], [member(**cells)])

    assert (answer.code, answer.findings) == (0, (0, 1))


def test_an_abolished_prefix_and_a_small_x_are_right(load):
    number = next(n for s in range(1, 999, 2) if (n := citizen_number(s, prefix="441421")).endswith("X"))

    answer = load([household()], [member(证件号码=number.lower(), 残疾证号=number + "41")])

    assert (answer.code, answer.findings) == (0, (0, 0))
    assert MemberYear.objects.get().id_number == number


def test_names_beyond_the_basic_plane(load):
    answer = load([household(户主姓名="买买提·𣒍堃")], [member(姓名="买买提•𣒍 堃")])

    assert (answer.code, answer.findings) == (0, (0, 0))
    assert MemberYear.objects.get().name == "买买提·𣒍堃"


def test_two_heads_and_none(load):
    two = [member(1), member(1, 2, 与户主关系="本人或户主")]
    none = [member(2, 与户主关系="配偶")]

    answer = load([household(家庭人口数=2), household(2)], [*two, *none])

    assert answer.counts("households") == (0, 0, 0, 2)
    assert answer.findings == (2, 0)


def test_a_household_without_any_member_has_no_head(load):
    answer = load([household(家庭人口数=None)])

    assert answer.counts("households") == (0, 0, 0, 1)


def test_repeated_rows_are_errors_on_both(load):
    answer = load([household(), household(), household(2)], [member(), member(2), member(2)], [village(), village()])

    assert answer.code == 2
    assert answer.counts("households") == (0, 0, 0, 3)
    assert answer.counts("members") == (0, 0, 0, 3)
    assert answer.counts("villages") == (0, 0, 0, 2)
    assert answer.findings == (6, 0)


def test_one_number_on_two_active_persons(load):
    same = citizen_number(77)

    answer = load([household(), household(2), household(3)], [member(证件号码=same), member(2, 证件号码=same), member(3)])

    assert answer.counts("households") == answer.counts("members") == (1, 0, 0, 2)
    assert answer.findings == (2, 0)


def test_one_number_in_two_years_or_on_someone_gone_is_right(load):
    same = citizen_number(77)
    gone = member(2, 2, 证件号码=same, 人员状态="自然减少")
    rows = [member(证件号码=same), member(2), gone, member(1, year=2017, 证件号码=same)]

    answer = load([household(), household(2), household(1, year=2017)], rows)

    assert (answer.code, answer.findings) == (0, (0, 0))


def test_a_member_without_household(load):
    answer = load([household()], [member(), member(9)])

    assert answer.code == 2
    assert answer.counts("households") == (1, 0, 0, 0)
    assert answer.counts("members") == (1, 0, 0, 1)
    assert answer.findings == (1, 0)


VILLAGE_ERRORS = {
    "no such village": {"行政村代码": "441424134999"}, "short code": {"行政村代码": "4414"},
    "a township": {"行政村代码": "441424134000"}, "outside the programme": {"行政村代码": "440704001001"},
    "no answer": {"是否相对贫困村": None}, "above 100 percent": {"安全饮水率": 100.5}, "negative": {"户籍人口": -1},
    "half a household": {"户籍户数": 1.5}, "more roads than needed": {"路面硬化自然村数": 3, "应硬化自然村数": 2},
}


@pytest.mark.parametrize("cells", VILLAGE_ERRORS.values(), ids=VILLAGE_ERRORS.keys())
def test_a_village_with_an_error_is_refused(load, cells):
    answer = load(villages=[village(**cells)])

    assert answer.code == 2
    assert answer.counts("villages") == (0, 0, 0, 1)
    assert answer.findings == (1, 0)

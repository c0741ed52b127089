"""The register comes out in the workbook's layout, and going back in it changes nothing."""
import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from households.exporter import template
from households.models import HouseholdYear
from tests.households.workbook import (
    VILLAGE,
    Answer,
    citizen_number,
    household,
    household_no,
    import_file,
    member,
    village,
)

pytestmark = [pytest.mark.django_db, pytest.mark.req("R320", "R013", "R319")]

FULL_HOUSEHOLD = dict(
    首次识别时间=dt.date(2016, 5, 1), 城乡类别="城镇", 识别标准="省定标准", 贫困户属性="特困供养户",
    其他致贫原因="因学、缺劳动力", 联系电话="13800001234", 开户银行名称="@农商行",
    银行卡号="6222020000000000000", 财产性收入=30, 资产收益扶贫分红收入=10, 其他财产性收入=20, 转移性收入=21,
    计划生育金=1, 低保金=2, 五保金=3, 养老保险金=4, 生态补偿金=5, 其他转移性收入=6, 转移性支出="0.01",
    人均可支配收入=11551.49, 饮水安全="否", 是否危房户="否", 危房级别="B级", 是否通生活用电="有",
    是否通广播电视="√", 是否通网络="Y", 是否有卫生厕所=1, 是否加入农民专业合作组织="×", 住房面积=80.5,
    耕地面积=0.35, 林地面积=1, 林果面积=0, 水面面积=2, 与村主干路距离=0.1, 入户路类型="水泥路",
    主要燃料类型="煤炭")
FULL_MEMBER = dict(
    民族="汉", 政治面貌="群众", 文化程度="小学", 在校生状况="非在校生", 健康状况="长期慢性病、残疾",
    残疾证号=citizen_number(11) + "41", 务工区域="省外", 务工时间=6.5, 参加城乡居民基本医疗保险="是",
    参加大病医疗="否", 参加城乡居民基本养老保险="是", 人员状态="自然增加", 留守类型="留守老人",
    联系电话="13900001234")
FULL_VILLAGE = dict(户籍户数=300, 户籍人口=1200, 村集体经济收入="50000.05", 安全饮水率=98.5, 自来水普及率=100, 路面硬化自然村数=3,
                    应硬化自然村数=5, 是否有标准化卫生站="是", 是否通客车="否", 是否通宽带网络="是", 广播电视是否覆盖="是",
                    是否有综合服务平台="否")


def export(path, *options):
    return Answer("export_register", "--programme", "MZ2016", "--year", "2018", "--out", path, *options)


def test_what_comes_out_goes_in_unchanged(load, tmp_path):
    came = load([household(**FULL_HOUSEHOLD), household(2)], [member(**FULL_MEMBER), member(2)], [village(**FULL_VILLAGE)])
    assert came.findings == (0, 0)

    answer = export(tmp_path / "out.xlsx")
    again = import_file(tmp_path / "out.xlsx")

    assert (answer.code, answer.json) == (0, {"households": 2, "members": 2, "villages": 1})
    assert (again.code, again.findings) == (0, (0, 0))
    assert again.counts("households") == again.counts("members") == (0, 0, 2, 0)
    assert again.counts("villages") == (0, 0, 1, 0)
    assert HouseholdYear.history.count() == 2


def test_labels_and_numbers_as_the_contract_writes_them(load, tmp_path):
    load([household(**FULL_HOUSEHOLD)], [member(**FULL_MEMBER)])

    export(tmp_path / "out.xlsx")

    sheet = load_workbook(tmp_path / "out.xlsx")["贫困户"]
    head, row = [[cell.value for cell in line] for line in sheet.iter_rows(max_row=2)]
    cells = dict(zip(head, row, strict=True))
    assert cells["贫困户属性"] == "五保贫困户"
    assert cells["其他致贫原因"] == "因学、缺劳力"
    assert cells["户编号"] == household_no(1)
    assert cells["开户银行名称"] == "@农商行"
    assert cells["低保金"] == 2


def test_only_the_area_asked_for(load, tmp_path):
    load([household()], [member()], [village()])

    here = export(tmp_path / "a.xlsx", "--area", VILLAGE)
    there = export(tmp_path / "b.xlsx", "--area", "441422000000")
    outside = export(tmp_path / "c.xlsx", "--area", "440704000000")

    assert here.json == {"households": 1, "members": 1, "villages": 1}
    assert there.json == {"households": 0, "members": 0, "villages": 0}
    assert (outside.code, (tmp_path / "c.xlsx").exists()) == (1, False)


def test_a_folder_for_a_file_is_refused_before_anything_is_written(load, tmp_path):
    load([household()], [member()])
    err = StringIO()

    with pytest.raises(SystemExit):
        call_command("export_register", programme="MZ2016", year=2018, out=tmp_path, stderr=err)

    assert "是文件夹" in err.getvalue()


def test_the_template_is_an_empty_register(tmp_path, db):
    template(tmp_path / "empty.xlsx")

    answer = import_file(tmp_path / "empty.xlsx")

    assert (answer.code, answer.findings) == (0, (0, 0))

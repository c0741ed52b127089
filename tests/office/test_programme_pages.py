"""The five documents in the browser: lines and how they come about, targets, numbers, clauses."""
import re

import pytest
from django.urls import reverse

from office.models import Programme, Statistic

COUNTY = "441424000000"


@pytest.fixture
def client(client_of):
    return client_of("county_office", COUNTY)


def text_of(client, key, **query):
    """The page as a reader sees it: words without markup, white space evened."""
    body = client.get(reverse("office:programme", args=[key]), query).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_all_five_are_listed_with_number_area_and_open_points(client):
    body = client.get(reverse("office:programmes")).content.decode()
    for programme in Programme.objects.all():
        assert programme.document_number in body
        assert reverse("office:programme", args=[programme.key]) in body
    assert Programme.objects.count() == 5


def test_every_role_reads_them_and_strangers_do_not(client_of, client):
    for role in ("system_admin", "security_admin", "audit_admin"):
        assert client_of(role, COUNTY).get(reverse("office:programme", args=["MZ2016"])).status_code == 200
    assert client.get(reverse("office:programme", args=["XX2099"])).status_code == 404


@pytest.mark.req("R245", "R253")
def test_a_line_shows_ratio_figure_clause_and_quotation(client):
    text = text_of(client, "MZ2016")
    assert "梅市发〔2016〕5号" in text
    assert "2016年11月25日" in text
    assert "45% × 广东省当年农村居民人均可支配收入" in text
    assert "2018年 7,365 元（测算数）" in text
    assert "2018年 9,820 元（测算数）" in text
    assert "7,725.47" in text, "what the published figure of 2018 makes of it"
    assert "10,300.62" in text


@pytest.mark.req("R247", "R248")
def test_a_district_and_an_urban_line_are_shown_as_the_document_has_them(client):
    text = text_of(client, "JH2016")
    assert "45% × 江海区当年农村居民人均可支配收入" in text
    assert "150% × 江门市当年城镇低保标准 × 12 个月" in text
    assert "还没有所需的统计数" in text


@pytest.mark.parametrize(("key", "figures", "rule"), [
    pytest.param("MZ2016", ("52,775", "123,142", "175,917"), "累计比例", marks=pytest.mark.req("R264")),
    pytest.param("SW2016", ("41,000", "57,000", "43,000", "141,000"), "当年人数", marks=pytest.mark.req("R265")),
    pytest.param("JH2016", ("119", "180", "298", "597", "35", "53", "88", "176"), "各年比例", marks=pytest.mark.req("R266")),
])
def test_yearly_targets_come_out_in_persons_with_the_rounding_stated(client, key, figures, rule):
    text = text_of(client, key)
    for figure in (*figures, rule, "取整办法", "四舍五入"):
        assert figure in text


@pytest.mark.req("R267")
def test_one_region_has_two_programmes_with_their_own_deadlines(client):
    assert "河源市" in text_of(client, "HY2016D")
    for key, year in (("HY2016D", 2018), ("HY2018", 2020)):
        page = client.get(reverse("office:programme", args=[key]))
        rows = {row["year"]: row for row in page.context["target_rows"]}
        assert rows[year]["printed"].value == 100
        assert rows[year - 1]["printed"] is None


def test_a_number_the_document_does_not_print_is_marked(client):
    text = text_of(client, "MZ2016")
    assert "文件未印，待定" in text
    assert "4,000" in text


def test_a_missing_date_is_said_and_explained(client):
    text = text_of(client, "HY2016D")
    assert "文件未印成文日期" in text


def test_clauses_are_grouped_and_found_by_a_word(client):
    page = client.get(reverse("office:programme", args=["MZ2016"]))
    sections = [section for section, _ in page.context["groups"]]
    assert len(sections) == len(set(sections))
    assert sum(len(clauses) for _, clauses in page.context["groups"]) == page.context["total"] == 101
    found = client.get(reverse("office:programme", args=["MZ2016"]), {"clause": "小额"}).context
    assert 0 < found["shown"] < 101
    assert all("小额" in c.label + c.text + c.quote + c.values for _, group in found["groups"] for c in group)
    only = client.get(reverse("office:programme", args=["MZ2016"]), {"section": "退出标准"}).context
    assert [section for section, _ in only["groups"]] == ["退出标准"]
    assert "没有符合条件的条款" in text_of(client, "MZ2016", clause="没有这样的词")


def test_a_new_figure_shows_at_once_how_the_line_comes_about(client):
    Statistic.objects.create(key="rural_pc_disposable_income", area_id="440704000000", year=2018, basis="actual",
                             value="21000", known_on="2019-03-01", source="江海区统计公报")
    Statistic.objects.create(key="urban_dibao_monthly", area_id="440700000000", year=2018, basis="actual",
                             value="800", known_on="2018-01-15", source="江门市民政局文件")
    text = text_of(client, "JH2016")
    assert "9,450.00" in text
    assert "14,400.00" in text

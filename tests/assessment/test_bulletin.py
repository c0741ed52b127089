"""What a bulletin says: the figures of its run, places in order, problems with names of places, dates, sources."""
import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from assessment import engine
from assessment.bulletin import compose as bulletin
from assessment.bulletin.document import Paragraph, Table
from assessment.bulletin.facts import Terms
from assessment.models import AreaSummary, Bulletin, Run
from office.calendar import Quarter
from office.models import Area, Programme, Statistic
from tests.factories import make_household, make_village

COUNTY = "441424000000"


def assess(key: str = "MZ2016", year: int = 2018, **options) -> Run:
    run = engine.prepare(programme=Programme.objects.get(pk=key), year=year, **options)
    engine.execute(run)
    return Run.objects.select_related("programme", "area").get(pk=run.pk)


def villages_of(prefix: str, towns: int) -> list[str]:
    """The first village of each of the first townships of a county."""
    codes = Area.objects.filter(level="township", code__startswith=prefix).order_by("code").values_list("code", flat=True)
    found = (Area.objects.filter(level="village", parent_id=code).first() for code in codes)
    return [village.code for village in found if village][:towns]


def town(village: str) -> str:
    return Area.objects.get(pk=village[:9] + "000").name


def fill(village: str, met: int, not_met: int, **facts) -> None:
    """Households of one person each, so many over the line and so many below it."""
    for serial in range(1, met + not_met + 1):
        make_household(village, serial=serial, wage_income=20000 if serial <= met else 100, **facts)


def document(run: Run, code: str = COUNTY, period: str = "2018Q3"):
    return bulletin.compose(run, Area.objects.select_related("parent").get(pk=code), period)


def section(doc, heading: str):
    return next(s for s in doc.sections if heading in s.heading)


def text_of(doc) -> str:
    """Everything the document says in its body and annexes, in order."""
    said = [doc.title, doc.addressee, *(p.text for p in doc.lead)]
    for part in (*doc.sections, *doc.annexes):
        said.append(getattr(part, "heading", None) or part.title)
        for block in part.blocks:
            if isinstance(block, Table):
                said += [cell for row in (*block.rows, block.total or ()) for cell in row] + [block.caption, block.note]
            else:
                said.append(getattr(block, "text", "") or getattr(block, "caption", ""))
    return "\n".join(said)


def table(part) -> Table:
    return next(block for block in part.blocks if isinstance(block, Table))


def keep(run: Run, period: str = "2018Q2", code: str = COUNTY, **fields) -> Bulletin:
    """A stored bulletin without a file, as far as the next one reads it."""
    content = bulletin.write(run, Area.objects.select_related("parent").get(pk=code), period)
    return Bulletin.objects.create(run=run, area_id=code, period=period, title=content["document"]["title"],
                                   content=content, content_digest=bulletin.content_digest(content), **fields)


@pytest.fixture
def county(db):
    """Four townships with 4, 3, 3 and 1 of four households over the line, and every kind of shortfall."""
    first, second, third, fourth = codes = villages_of("441424", 4)
    fill(first, 4, 0)
    fill(second, 3, 1)
    fill(third, 3, 1)
    fill(fourth, 1, 3)
    make_household(fourth, serial=9, labour_capacity=False, on_dibao=None, members=[{}, {}])
    make_household(fourth, serial=10, labour_capacity=False, on_dibao=False, housing_secure=False)
    make_household(third, serial=11, wage_income=99999, education_secure=None, members=[{}, {"birth_year": 2008}])
    make_village(first, income="20000")
    make_village(second, income="9000")
    make_village(third, income=None)
    return codes


@pytest.mark.req("R302")
def test_every_figure_of_the_overall_part_is_the_runs(county):
    run = assess()
    counts = run.counts

    said = text_of(document(run))

    households, persons = counts["households"], counts["persons"]
    assert f"在册{households['assessed']}户{persons['assessed']}人" in said
    assert f"达标{households['met']}户{persons['met']}人" in said
    assert f"未达标{households['not_met']}户{persons['not_met']}人" in said
    rows = {row[0]: row for row in table(section(document(run), "总体进展")).rows}
    labels = {"income": "收入达到标准", "dibao": "低保兜底", "education": "义务教育有保障", "housing": "住房安全有保障"}
    for key, label in labels.items():
        c = counts["criteria"][key]
        assert rows[label][1:5] == tuple(str(n) for n in (c["met"] + c["not_met"] + c["unknown"], c["met"], c["not_met"],
                                                          c["unknown"]))
    v = counts["villages"]
    assert f"纳入考核的相对贫困村{v['assessed']}个" in said
    assert f"的{v['met']}个，占33.3%；未达到的1个；收入未填报的1个" in said


@pytest.mark.req("R302")
def test_the_lead_names_order_cut_off_run_and_how_the_lines_came_about(county):
    run = assess()

    doc = document(run)

    said = "".join(p.text for p in doc.lead)
    assert doc.title == "关于2018年第三季度全县脱贫攻坚工作进展情况的通报"
    assert doc.addressee == "各镇党委、政府，县扶贫开发领导小组各成员单位"
    assert "（梅市发〔2016〕5号）第四部分（四）2“按季度通报扶贫工作动态”" in said
    assert "截至9月30日" in said
    assert f"第{run.pk}次考核计算" in said
    assert "按公布数执行" in said
    assert "17,167.7元的45%，即7,725.47元" in said
    assert "17,167.7元的60%，即10,300.62元" in said
    assert "于2019年2月28日公布，晚于统计截止日" in said


def test_ties_share_a_rank_and_the_next_rank_is_skipped(county):
    doc = document(assess())

    ranked = table(section(doc, "排名"))
    assert [column.heading for column in ranked.columns] == [
        "序号", "地区", "在册人数", "达标人数", "达标率", "排名", "上季排名", "升降", "备注"]
    assert [(row[1], row[5]) for row in ranked.rows][0] == (town(county[0]), "1")
    # Third township: one of its persons is not settled (education unknown), so it is behind the second.
    assert [row[5] for row in ranked.rows] == ["1", "2", "3", "4"]
    assert ranked.total[1:3] == ("合计", "21")
    assert ranked.total[5] == ""


def test_equal_rates_are_ranked_one_two_two_four(db):
    codes = villages_of("441424", 4)
    for code, (met, not_met) in zip(codes, ((2, 0), (1, 1), (2, 2), (0, 2)), strict=True):
        fill(code, met, not_met)

    ranked = table(section(document(assess()), "排名"))

    assert [row[5] for row in ranked.rows] == ["1", "2", "2", "4"]
    assert [row[1] for row in ranked.rows[1:3]] == [town(codes[1]), town(codes[2])]     # equal ones by code
    assert [row[8] for row in ranked.rows] == ["", "并列", "并列", ""]


def test_last_rank_and_direction_come_from_the_bulletin_before(db):
    codes = villages_of("441424", 3)
    for code, (met, not_met) in zip(codes, ((3, 1), (2, 2), (1, 3)), strict=True):
        fill(code, met, not_met)
    keep(assess())
    for household in (2, 3, 4):
        make_household(codes[2], serial=household + 10, wage_income=50000, members=[{}] * 5)

    ranked = table(section(document(assess()), "排名"))

    assert [(row[1], row[5], row[6], row[7]) for row in ranked.rows] == [
        (town(codes[2]), "1", "3", "升2"), (town(codes[0]), "2", "1", "降1"), (town(codes[1]), "3", "2", "降1")]


def test_without_an_earlier_run_nothing_is_compared(county):
    doc = document(assess())

    assert "首次排名" in table(section(doc, "排名")).note
    assert "相比" not in text_of(doc)


def test_two_bulletins_on_one_run_are_not_compared(county):
    run = assess()
    keep(run)

    said = text_of(document(run))

    assert "依据同一次考核计算" in said
    assert "不作增减比较" in said


def test_the_change_since_the_bulletin_before_is_said_in_numbers(county):
    keep(assess(basis="forecast"))
    make_household(county[3], serial=30, wage_income=50000, members=[{}, {}])

    said = text_of(document(assess()))

    assert "与上季度（2018年第二季度）相比，在册户增加1户，达标户增加1户，达标人口增加2人" in said
    assert "上期收入标准按预测数执行，口径不同" in said


def test_first_are_praised_and_last_named_but_nobody_at_a_hundred_percent(county):
    said = "".join(b.text for b in section(document(assess()), "排名").blocks if isinstance(b, Paragraph))

    assert f"排在前列的是{town(county[0])}（100.00%）、{town(county[1])}" in said
    assert f"排在末位的是{town(county[3])}" in said
    assert f"{town(county[0])}（100.00%）" in said
    assert "限期整改" in said


def test_places_that_all_reach_the_same_rate_are_neither_praised_nor_named(db):
    for code in villages_of("441424", 3):
        fill(code, 2, 0)

    said = text_of(document(assess()))

    assert "各地达标率均为100.00%，名次并列" in said
    assert "表扬" not in said
    assert "末位" not in said


@pytest.mark.req("R305")
def test_problems_name_the_townships_with_their_numbers(county):
    doc = document(assess())

    said = "\n".join(getattr(b, "text", "") for b in section(doc, "存在问题").blocks)
    assert f"收入未达到标准的5户，占有劳动能力户的29.4%，分别是{town(county[3])}3户" in said
    assert f"1户未纳入最低生活保障或特困供养，全部在{town(county[3])}1户" in said
    assert f"住房安全未落实的1户，全部在{town(county[3])}1户" in said
    assert "待核事项2项没有填报，其中是否纳入低保1户、义务教育1户" in said
    assert "相对贫困村1个，是" in said
    assert "（9,000.00元）" in said
    assert "收入没有填报的1个" in said


def test_nothing_is_listed_where_nothing_falls_short(db):
    for code in villages_of("441424", 2):
        fill(code, 2, 0)

    doc = document(assess())

    assert [b.text for b in section(doc, "存在问题").blocks] == ["本期各户各项条件均已达标，没有待核事项，未发现需要通报的问题。"]
    assert [a.title for a in doc.annexes] == ["2018年第三季度各镇减贫任务完成情况表", "所用数据来源表"]
    assert "0户" not in text_of(doc).replace("10户", "")


@pytest.mark.req("R306")
def test_points_named_last_time_are_followed_up_with_numbers(county):
    before = keep(assess())
    make_household(county[1], serial=20, wage_income=10)      # one more below the line in the second township
    make_household(county[3], serial=21, wage_income=60000)
    run = assess()

    doc = document(run)

    named = [p for p in before.content["named"] if p["kind"] == "income"]
    assert [(p["name"], p["value"]) for p in named] == [(town(county[3]), 3), (town(county[1]), 1), (town(county[2]), 1)]
    annex = next(a for a in doc.annexes if a.title == "上期点出问题整改情况表")
    rows = {(row[1], row[2]): row[3:] for row in table(annex).rows}
    assert rows[town(county[1]), "收入未达到标准（户）"] == ("1", "2", "有反弹")
    assert rows[town(county[3]), "收入未达到标准（户）"] == ("3", "3", "无变化")
    said = "\n".join(getattr(b, "text", "") for b in section(doc, "存在问题").blocks)
    assert f"有反弹的是{town(county[1])}收入未达到标准（1→2）" in said
    assert f"附件{doc.annexes.index(annex) + 1}" in said


@pytest.mark.req("R302")
def test_demands_carry_dates_in_working_days_and_the_units_that_answer(county):
    run = assess(basis="forecast")

    doc = document(run)

    # 2018-10-01 to 07 are holidays; 5, 10, 20 and 25 working days follow from there.
    assert doc.date == datetime.date(2018, 10, 12)
    assert Terms.proposed(run, Quarter(2018, 3)) == Terms(
        datetime.date(2018, 10, 12), datetime.date(2018, 10, 26), datetime.date(2018, 11, 9), datetime.date(2018, 11, 16))
    said = "\n".join(getattr(b, "text", "") for b in section(doc, "下一步").blocks)
    assert "2018年10月26日前补录完毕" in said
    assert "2018年11月9日前落实到户" in said
    assert "于2018年11月16日前将整改情况书面报送五华县扶贫开发领导小组办公室" in said
    assert "民政部门牵头解决未纳入低保或特困供养的1户" in said
    assert "梅市发〔2016〕5号文件第四部分（四）4关于限期整改的规定" in said
    assert "约谈党政主要领导" in said


def test_a_figure_published_after_the_quarter_puts_the_date_off(county):
    assert document(assess()).date == datetime.date(2019, 3, 7)


def test_the_target_of_the_whole_programme_is_the_printed_one_and_a_countys_its_own(county):
    run = assess()

    city, county_text = text_of(document(run, "441400000000")), text_of(document(run))

    assert "以文件第一部分（二）所列175,917人为基数，年底应累计脱贫175,917人，其中当年52,775人" in city
    assert "以在册21人为基数，年底应累计脱贫21人，其中当年6人" in county_text
    assert "按累计比例四舍五入取整" in city
    assert "系统在册人数少于文件所列175,896人" in city


def test_a_city_with_data_of_one_county_does_not_rank_it(county):
    doc = document(assess(), "441400000000")

    assert "全市本期只有五华县有在册人口" in text_of(doc)
    assert doc.addressee.startswith("各县（市、区）党委、政府，市")
    assert f"五华县{town(county[3])}3户" in text_of(doc)


def test_a_deadline_only_programme_has_no_target_before_its_last_year(db):
    for code in villages_of("441621", 2):
        make_household(code, 2019, wage_income=30000)
    make_household(villages_of("441621", 1)[0], 2019, serial=2, wage_income=1)

    said = text_of(document(assess("HY2018", 2019), "441621000000", "2019Q2"))

    assert "只规定2020年底全部脱贫，2019年不设分年任务" in said
    assert "约谈" not in said


@pytest.mark.parametrize(("key", "code"), [("HY2016D", "441621000000"), ("JH2016", "440704000000")])
def test_programmes_without_a_village_rule(db, key, code):
    for name, area, value in (("rural_pc_disposable_income", "440704000000", "20000"),
                              ("urban_dibao_monthly", "440700000000", "700")):
        Statistic.objects.create(key=name, area_id=area, year=2018, basis="actual", value=Decimal(value),
                                 known_on="2018-03-01", source="公报")
    for number, village in enumerate(villages_of(code[:6], 2)):
        make_village(village, income="1")
        make_household(village, wage_income=30000 * number, residence="urban" if number else "rural")

    doc = document(assess(key), code)

    said = text_of(doc)
    assert "未设相对贫困村的收入标准" in said
    assert "相对贫困村收入情况表" not in [a.title for a in doc.annexes]
    if key == "JH2016":
        assert "700元×12个月的150%，即12,600.00元" in said
        assert "2：3：5的比例" in said
        assert doc.addressee == "各街道党工委、办事处，区扶贫开发领导小组各成员单位"


def test_every_number_used_stands_in_the_sources_with_clause_day_and_run(county):
    run = assess()

    sources = next(a for a in document(run).annexes if a.title == "所用数据来源表")

    assert sources.landscape
    rows = table(sources).rows
    assert ("广东省2018年农村居民人均可支配收入（公布数）", "17,167.7元") in [row[1:3] for row in rows]
    assert ("2018年有劳动能力户人均可支配收入线", "7,725.465元") in [row[1:3] for row in rows]
    line = next(row for row in rows if row[2] == "17,167.7元")
    assert line[4:] == ("梅市发〔2016〕5号 一（三）", "2019-02-28", f"第{run.pk}次")


@pytest.mark.req("R302")
def test_names_and_numbers_of_persons_never_appear(county):
    make_household(county[0], serial=40, head_name="欧阳堃塱", bank_card="6217001234567890123", wage_income=1)

    said = repr(bulletin.write(assess(), Area.objects.select_related("parent").get(pk=COUNTY), "2018Q3"))

    for secret in ("欧阳堃塱", "陈志强", "6217001234567890123", f"{county[0]}0040"):
        assert secret not in said


def test_stored_as_json_and_read_back_it_is_the_same_document(county):
    run = assess()
    content = keep(run, "2018Q3")
    content.refresh_from_db()

    assert bulletin.document_of(content.content) == document(run)
    assert bulletin.content_digest(content.content) == content.content_digest


@pytest.mark.parametrize(("code", "period", "words"), [
    (COUNTY, "2017Q3", "2018年度的"), ("441523000000", "2018Q3", "不包括"), ("441424134001", "2018Q3", "村级"),
    ("441422000000", "2018Q3", "没有大埔县的户和村")])
def test_run_area_and_period_have_to_fit(county, code, period, words):
    run = assess()

    with pytest.raises(bulletin.CannotCompose, match=words):
        document(run, code, period)


def test_the_rates_of_the_table_are_those_of_the_summaries(county):
    run = assess()

    rows = table(section(document(run), "排名")).rows

    for row in rows:
        s = AreaSummary.objects.get(run=run, area__name=row[1], level="township")
        assert row[2:4] == (str(s.persons), str(s.persons_met))
        assert abs(Fraction(row[4].rstrip("%")) - Fraction(100 * s.persons_met, s.persons)) <= Fraction(1, 200)

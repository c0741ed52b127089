"""What a bulletin says about money: the figures of the money pages as of the quarter's end, kept with the bulletin."""
import datetime
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from assessment.bulletin import actions as bulletin_actions
from assessment.bulletin import compose as bulletin
from assessment.bulletin.money_figures import MONEY
from assessment.models import Bulletin
from funds import accounts, actions, dashboard
from funds.models import Movement, Pledge
from office.models import Area, Programme
from office.money import wan
from tests.assessment.test_bulletin import COUNTY, assess, document, fill, keep, section, text_of, town, villages_of
from tests.funds.conftest import Desk, day, fresh
from tests.funds.pages import browser, words

QUARTER_END = datetime.date(2018, 9, 30)


@pytest.fixture
def desk(officer) -> Desk:
    return Desk(officer("finance", COUNTY), officer("county_leader", COUNTY), Programme.objects.get(pk="MZ2016"))


@pytest.fixture
def places(db):
    """Three townships with registered people."""
    codes = villages_of("441424", 3)
    for code in codes:
        fill(code, 3, 1)
    return codes


@pytest.fixture
def money(desk, places):
    """100 万 a township in 2018; 40, 40 and 10 of it paid; 7 万 granted in 2016 still with the county, 5 万 split late."""
    desk.appropriation("70000", number="粤财农〔2016〕8号", on="2016-05-10")
    late = desk.appropriation("50000", number="梅财农〔2018〕3号", on="2018-02-01", source="city", payer_name="市财政局")
    held = desk.appropriation("3000000", number="粤财农〔2018〕2号", on="2018-03-01")
    for number, (village, paid) in enumerate(zip(places, ("400000", "400000", "100000"), strict=True)):
        township = village[:9] + "000"
        desk.approve(desk.transfer(held, "1000000", to=township, on="2018-03-20"))
        budget = fresh(accounts.budget(held.appropriation, Area.objects.get(pk=township)))
        project = desk.project(f"XM{number}", area=village, entered_on="2018-03-25", year=2018)
        bound = desk.commit(budget, project, "600000", on="2018-04-10")
        desk.pay(bound, paid, on="2018-06-01")
    desk.approve(desk.transfer(late, "50000", to=places[0][:9] + "000", on="2018-04-25"))
    return places


def money_part(doc, heading: str) -> str:
    return "\n".join(block.text for block in section(doc, heading).blocks if hasattr(block, "text"))


def ranking_of(doc):
    (annex,) = [annex for annex in doc.annexes if "资金拨付支出进度排名" in annex.title]
    return annex.blocks[0]


@pytest.mark.req("R302")
def test_without_money_nothing_is_said_about_it(places):
    run = assess()
    assert "资金" not in text_of(document(run))
    content = bulletin.write(run, Area.objects.select_related("parent").get(pk=COUNTY), "2018Q3")
    assert content[MONEY] is None


@pytest.mark.req("R302", "R307")
def test_the_figures_are_those_of_the_money_page_on_the_last_day_of_the_quarter(money):
    run = assess()
    page = dashboard.total(dashboard.Lens(None, Area.objects.get(pk=COUNTY), programme="MZ2016", as_of=QUARTER_END), QUARTER_END)
    assert (page.received, page.committed, page.paid) == (Decimal(3120000), Decimal(1800000), Decimal(900000))

    said = money_part(document(run), "总体进展")

    assert f"截至9月30日，全县累计到位扶贫资金{wan(page.received)}万元，其中省级307.00万元、市级5.00万元" in said
    assert "已安排到项目和农户180.00万元，占到位资金的57.7%" in said
    assert "已支付90.00万元，支出率28.8%；结存222.00万元" in said
    assert "应投入24.00万元（2018年有劳动能力的建档立卡人口12人×20,000.00元" in said


@pytest.mark.req("R303")
def test_places_of_equal_share_keep_one_rank_and_money_of_the_county_itself_has_none(money):
    table = ranking_of(document(assess()))
    first, second, third = (town(code) for code in money)
    rows = {row[1]: row for row in table.rows}
    assert rows[second][2:7] == ("100.00", "60.00", "40.00", "40.00%", "1")
    assert rows[first][2:7] == ("105.00", "60.00", "40.00", "38.10%", "2")
    assert rows[third][6] == "3"
    assert rows["五华县本级"][2:] == ("7.00", "0.00", "0.00", "0.00%", "—", "—", "—", "不参加排名")
    assert table.total[2:6] == ("312.00", "180.00", "90.00", "28.85%")
    assert "首次资金排名" in table.note


def test_ties_are_marked(desk, places):
    held = desk.appropriation("200000", number="粤财农〔2018〕2号", on="2018-03-01")
    for village in places[:2]:
        desk.approve(desk.transfer(held, "100000", to=village[:9] + "000", on="2018-03-20"))
    doc = document(assess())
    assert [(row[6], row[9]) for row in ranking_of(doc).rows] == [("1", "并列"), ("1", "并列")]
    assert "各地支出率均为" in money_part(doc, "总体进展")


@pytest.mark.req("R303")
def test_the_next_bulletin_shows_the_last_rank(money, desk):
    run = assess()
    keep(run, "2018Q2")
    third = Area.objects.get(pk=money[2][:9] + "000")
    bound = fresh(accounts.project(Movement.objects.filter(kind="transfer", area=third).get().appropriation,
                                   Movement.objects.filter(kind="commitment", area_id=money[2]).get().project))
    desk.pay(bound, "500000", on="2018-08-15")

    table = ranking_of(document(run, period="2018Q3"))

    (row,) = [row for row in table.rows if row[1] == third.name]
    assert row[5:9] == ("60.00%", "1", "3", "升2")
    assert table.columns[7].heading == "上季排名"
    assert "首次" not in table.note


@pytest.mark.req("R302", "R150")
def test_money_is_as_long_idle_in_the_bulletin_as_on_the_page(money, desk):
    """Passing it down and carrying it over start no new count, and both say so of the same day."""
    old = Movement.objects.get(document="粤财农〔2016〕8号").to_account
    desk.approve(actions.record_carry_over(desk.clerk, account=old, on=day("2017-01-01")))
    moved = accounts.budget(old.appropriation, Area.objects.get(pk=COUNTY), 2017)
    desk.approve(desk.transfer(fresh(moved), "20000", to=money[0][:9] + "000", on="2018-09-01"))

    said = money_part(document(assess()), "存在问题")
    page = words(browser(desk.clerk).get("/funds/accounts/", {"idle": "two", "as_of": QUARTER_END.isoformat()}))

    assert "其中满两年的7.00万元" in said
    assert "共 2 个账户，合计 70,000.00 元" in page
    assert page.count(f"{(QUARTER_END - day('2016-05-10')).days}") == 2


@pytest.mark.req("R305", "R137")
def test_idle_and_late_money_is_named_with_its_document(money, desk):
    pledge = Pledge.objects.create(programme=desk.programme, area_id=COUNTY, source="society", payer_name="县商会", amount=90000,
                                   pledged_on=day("2018-01-10"), due_on=day("2018-06-30"), recorded_by=desk.clerk)
    desk.appropriation("30000", number="商会〔2018〕1号", on="2018-05-01", source="society", payer_name="县商会", pledge=pledge)

    doc = document(assess())

    said = money_part(doc, "存在问题")
    assert "从指标文下达之日起满一年仍未支付的资金7.00万元" in said
    assert "其中满两年的7.00万元" in said
    assert "全部在五华县本级" in said
    assert "本年度到账30日后才分解完的指标文1份：梅财农〔2018〕3号（到账后83日）" in said
    assert "仍未分解完的1份：商会〔2018〕1号（尚有3.00万元）" in said
    assert "到期未到账的认筹资金6.00万元，是县商会6.00万元" in said
    assert "加快资金分解和支出" in money_part(doc, "下一步工作要求")
    sources = next(annex for annex in doc.annexes if "来源" in annex.title)
    last = Movement.objects.filter(on__lte=QUARTER_END).order_by("-sequence").first()
    assert any(last.digest[:12] in cell for row in sources.blocks[0].rows for cell in row)


@pytest.mark.req("R302")
def test_money_of_later_quarters_is_not_in_it(money, desk):
    run = assess()
    before = bulletin.write(run, Area.objects.select_related("parent").get(pk=COUNTY), "2018Q1")
    assert before[MONEY]["paid"] == "0.00"
    desk.appropriation("9990000", number="粤财农〔2018〕99号", on="2018-11-01")
    again = bulletin.write(run, Area.objects.select_related("parent").get(pk=COUNTY), "2018Q1")
    assert again == before


@pytest.mark.slow
@pytest.mark.req("R302")
def test_what_was_written_stays_and_gives_the_same_file(money, desk, settings):
    run = assess()
    area = Area.objects.select_related("parent").get(pk=COUNTY)
    made = bulletin_actions.make(run, area, "2018Q3")
    kept = bulletin_actions.keep(made)
    stored = json.loads(json.dumps(made.content))
    held = accounts.budget(Movement.objects.filter(document="粤财农〔2016〕8号").get().appropriation, area)
    actions.approve(actions.record_refund(desk.clerk, account=fresh(held), to_account=accounts.source(held.appropriation),
                                          amount="70000", on=day("2018-09-01")), desk.chief)

    kept = Bulletin.objects.get(pk=kept.pk)

    assert kept.content == stored
    (Path(settings.MEDIA_ROOT) / kept.file).unlink()
    assert bulletin_actions.pdf_of(kept) == made.pdf


@pytest.mark.req("R302", "R334")
def test_a_figure_of_the_preview_opens_the_money_page(money, client_of):
    kept = keep(assess(), "2018Q3")
    page = client_of("county_office", COUNTY).get(reverse("assessment:bulletin", args=[kept.pk])).content.decode()
    address = f"/funds/?area={COUNTY}&amp;programme=MZ2016&amp;as_of=2018-09-30"
    assert f'<a href="{address}">312.00万元</a>' in page

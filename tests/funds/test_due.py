"""What is due in the five programmes, what came and what is missing."""
import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from funds import actions, rules
from funds.due import dues, persons_counted, ratio_words, received_by, shares_of
from funds.models import Pledge, VillageSupport
from funds.printed_sums import printed_sums
from office.models import Area, Programme
from tests.factories import VILLAGE, make_household, make_village
from tests.funds.conftest import COUNTY, TOWN, day

pytestmark = pytest.mark.django_db
CITY = "441400000000"


def of(key: str, area: str, **only):
    found = dues(Programme.objects.get(pk=key), Area.objects.get(pk=area))
    return [due for due in found if all(getattr(due, name) == value for name, value in only.items())]


@pytest.mark.req("R124", "R125", "R135")
def test_meizhou_counts_people_of_households_with_labour(db):
    make_household(members=[{}, {}, {"status": "removed"}], serial=1)
    make_household(members=[{}], serial=2)
    make_household(members=[{}, {}], serial=3, labour_capacity=False)      # financed by other special funds
    found = of("MZ2016", COUNTY, kind="standard")
    assert [(due.payer, due.amount, due.persons) for due in found] == [
        ("province", 36000, 3), ("helper_city", 18000, 3), ("city", 3000, 3), ("county", 3000, 3)]
    assert "2018年有劳动能力的建档立卡人口 3 人 × 20,000.00 元 = 60,000.00 元，按 6∶3∶0.5∶0.5 分担" in found[0].derivation
    assert persons_counted(Programme.objects.get(pk="MZ2016"), 2018, COUNTY).count() == 3


@pytest.mark.req("R129")
def test_meizhou_city_adds_fifteen_million_for_three_years():
    found = of("MZ2016", CITY, kind="extra")
    assert [(due.year, due.payer, due.amount) for due in found] == [(year, "city", 15_000_000) for year in (2016, 2017, 2018)]
    assert rules.funding("MZ2016").yearly[0].uses == ("市直帮扶村项目", "扶贫小额贷款风险金", "市级扶贫工作经费")
    assert of("MZ2016", COUNTY, kind="extra") == []


@pytest.mark.req("R130")
def test_heyuan_villages_by_kind_and_by_who_helps(officer):
    clerk = officer("finance", "441625000000")
    villages = list(Area.objects.filter(level="village", code__startswith="441625").values_list("code", flat=True)[:3])
    programme = Programme.objects.get(pk="HY2018")
    for village, poor, helper in zip(villages, (True, False, True), ("city", "county", None), strict=True):
        make_village(village, 2018, poor=poor)
        if helper:
            VillageSupport.objects.create(programme=programme, village_id=village, helper=helper, recorded_by=clerk)
    found = of("HY2018", "441625000000", kind="village")
    sums = [(200_000, "city"), (100_000, "county"), (200_000, "")]
    assert [(due.amount, due.payer, due.year) for due in found] == [
        (*one, year) for one in sums for year in (2018, 2019, 2020)]
    assert found[-1].payer_label == "出资单位待定"
    assert "按2018年登记" in found[-1].derivation


@pytest.mark.req("R130")
def test_who_pays_for_a_village_that_others_help_is_open_until_entered(officer):
    clerk = officer("finance", "441625000000")
    village = Area.objects.filter(level="village", code__startswith="441625").first()
    make_village(village.pk, 2018, poor=True)
    make_village(village.pk, 2020, poor=False)
    support = VillageSupport.objects.create(programme_id="HY2018", village=village, helper="province", recorded_by=clerk)
    assert [due.payer for due in of("HY2018", "441625000000", kind="village")] == ["", "", ""]
    support.payer = "province"
    support.save()
    found = of("HY2018", "441625000000", kind="village")
    assert [(due.payer, due.amount) for due in found] == [("province", 200_000), ("province", 200_000), ("province", 100_000)]


@pytest.mark.req("R131")
def test_shanwei_guidance_fund_is_entered_and_unknown_before(officer):
    clerk = officer("finance", "441521000000")
    village, other = Area.objects.filter(level="village", code__startswith="441521").values_list("code", flat=True)[:2]
    for code in (village, other):
        make_village(code, 2017, poor=True)
    support = VillageSupport.objects.create(programme_id="SW2016", village_id=village, helper="self", recorded_by=clerk)
    [due] = of("SW2016", "441521000000", kind="village", year=2017)
    assert (due.payer, due.amount, due.missing, due.late(day("2020-01-01"))) == ("county", None, None, None)
    assert "尚未录入" in due.derivation
    support.guidance_amount = Decimal("500000")
    support.save()
    found = of("SW2016", "441521000000", kind="village")
    assert [(due.year, due.amount) for due in found] == [(year, 500_000) for year in (2016, 2017, 2018)]
    assert (found[1].missing, found[1].late(day("2018-01-01"))) == (500_000, 500_000)


@pytest.mark.req("R125", "R138")
def test_received_and_missing_by_payer(desk):
    make_household(members=[{}] * 2, year=2017)
    desk.appropriation("10000", number="省1号")
    county = desk.appropriation("500", number="县1号", source="county", payer_name="县财政局")
    desk.approve(desk.transfer(county, "200"))
    found = {due.payer: due for due in of("MZ2016", COUNTY, kind="standard")}
    assert {payer: (due.received, due.missing) for payer, due in found.items()} == {
        "province": (10000, 14000), "helper_city": (0, 12000), "city": (0, 2000), "county": (500, 1500)}
    town = {due.payer: due.received for due in of("MZ2016", TOWN, kind="standard")}
    assert town == {"province": 0, "helper_city": 0, "city": 0, "county": 200}
    assert found["city"].late(day("2018-12-31")) == 0
    assert found["city"].late(day("2019-01-01")) == 2000


def test_money_given_back_and_reversed_was_not_received(desk):
    make_household(year=2017)
    programme = Programme.objects.get(pk="MZ2016")
    county = desk.appropriation("1000", number="省1号")
    other = desk.appropriation("70", number="省2号")
    source = other.movements_in.get().from_account
    desk.approve(actions.record_refund(desk.clerk, account=county, to_account=source, amount="300", on=day("2017-06-01")))
    desk.approve(actions.record_reversal(desk.clerk, other.movements_in.get(), on=day("2017-06-01"), reason="误登"))
    assert received_by(programme, COUNTY) == {("", "province", 2017): Decimal(700)}
    assert received_by(programme, COUNTY, until=day("2017-05-31")) == {("", "province", 2017): Decimal(1000)}


def test_a_village_has_what_was_bound_to_its_projects(desk, officer):
    make_village(VILLAGE, 2018, poor=True)
    VillageSupport.objects.create(programme_id="HY2018", village_id=VILLAGE, helper="city", recorded_by=desk.clerk)
    desk.programme = Programme.objects.get(pk="HY2018")
    held = desk.appropriation("300000", source="city", payer_name="市财政局", on="2018-03-01")
    desk.commit(held, desk.project(entered_on="2018-03-05"), "150000", on="2018-04-01")
    [due] = of("HY2018", COUNTY, kind="village", year=2018)
    assert (due.received, due.missing) == (150_000, 50_000)


@pytest.mark.req("R136", "R137")
def test_a_pledge_has_a_day_and_is_late_after_it(desk):
    pledge = Pledge.objects.create(programme=desk.programme, area_id=COUNTY, source="society", payer_name="兴农公司",
                                   amount=Decimal("5000"), pledged_on=day("2017-06-30"), due_on=day("2017-09-30"),
                                   recorded_by=desk.clerk)
    desk.appropriation("2000", number="捐1号", source="society", payer_name="兴农公司", on="2017-08-01", pledge=pledge)
    [due] = of("MZ2016", COUNTY, kind="pledge")
    assert (due.payer_label, due.received, due.missing, due.late(day("2017-10-01"))) == ("兴农公司", 2000, 3000, 3000)
    assert due.late(day("2017-09-30")) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Pledge.objects.create(programme=desk.programme, area_id=COUNTY, source="province", payer_name="省财政厅",
                              amount=1, pledged_on=day("2017-06-30"), due_on=day("2017-09-30"), recorded_by=desk.clerk)


@pytest.mark.req("R132", "R133", "R134")
def test_every_programme_has_its_uses_in_the_documents_words():
    assert rules.funding("SW2016").uses[:2] == ("扶持就业", "发展特色产业")
    assert "扶贫工作经费" in rules.funding("JH2016").uses
    assert "小额信贷" in rules.funding("HY2016D").uses
    assert all(rules.funding(programme.pk).uses for programme in Programme.objects.all())
    assert rules.funding("unheard of") == rules.NOTHING


def test_dated_numbers_that_no_document_prints():
    assert rules.timing("transfer_days", day("2018-01-01")).value == 30
    with pytest.raises(LookupError):
        rules.timing("transfer_days", datetime.date(2010, 1, 1))


@pytest.mark.req("R128")
def test_jianghai_divides_six_to_four_and_the_four_in_halves():
    programme = Programme.objects.get(pk="JH2016")
    assert shares_of(programme, Decimal("11940000")) == {
        "city_fund": Decimal("7164000"), "county": Decimal("2388000"), "township": Decimal("2388000")}
    # Four fen and one left over: first 6 : 4, and the two that pay together divide what the four came to.
    assert shares_of(programme, Decimal("0.03")) == {"city_fund": Decimal("0.02"), "county": Decimal("0.01"), "township": 0}
    assert ratio_words(programme, day("2018-12-31")) == "6∶4（其中 4 由县（市、区）、镇（街道）按 2∶2 再分）"


@pytest.mark.req("R126", "R127", "R128")
def test_a_document_s_own_sums_stand_beside_the_register_s(db):
    jianghai = Programme.objects.get(pk="JH2016")
    village = Area.objects.filter(level="village", code__startswith="440704").first().pk
    make_household(village, 2018, members=[{}] * 3)
    sums = printed_sums(jianghai, of("JH2016", "440704000000"))
    assert [(one.printed, one.own, one.computed, one.difference, one.unexplained) for one in sums] == [
        (11_940_000, 11_940_000, 60_000, -11_880_000, 0), (1_592_000, 1_592_000, 8_000, -1_584_000, 0),
        (796_000, 796_000, 4_000, -792_000, 0), (796_000, 796_000, 4_000, -792_000, 0)]
    assert {one.more_persons for one in sums} == {-594}
    shanwei = printed_sums(Programme.objects.get(pk="SW2016"), [])
    assert [(one.own, one.printed == one.own, one.computed) for one in shanwei] == [
        (2_000_000_000, True, None), (1_200_000_000, True, None), (600_000_000, True, None), (200_000_000, True, None)]
    assert printed_sums(Programme.objects.get(pk="MZ2016"), []) == []

"""The page of a household: status explained, people, years, history, one number in clear with a reason."""
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessment import engine
from assessment.models import Run
from households.models import HouseholdYear
from office.models import Area, AuditEvent, Programme
from tests.factories import VILLAGE, id_number, make_household

TOWN, COUNTY = "441424134000", "441424000000"


def assess(year: int = 2018, **options) -> Run:
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=year, area=Area.objects.get(pk=COUNTY), **options)
    engine.execute(run)
    run.refresh_from_db()
    return run


def page_of(row: HouseholdYear, **query) -> str:
    return reverse("assessment:household", args=[row.household_id], query=query)


@pytest.fixture
def household(db):
    return make_household(serial=7, head_name="陈志强", phone="13800001234", bank_card="6228480012345678901",
                          wage_income=15000, transfer_income=Decimal("150.93"), pension_income=Decimal("150.93"),
                          housing_secure=None, members=[{"id_number": id_number(1), "phone": "13911112222"},
                                                        {"id_number": id_number(2), "birth_year": 1972},
                                                        {"id_number": id_number(3), "status": "removed"}])


@pytest.mark.req("R246")
def test_actual_and_forecast_stand_side_by_side_with_where_the_line_comes_from(household, client_of):
    actual, forecast = assess(), assess(basis="forecast")

    response = client_of("town_clerk", TOWN).get(page_of(household))
    page = response.content.decode()

    assert [verdict.run for verdict in response.context["verdicts"]] == [actual, forecast]
    income = next(card for card in response.context["cards"] if card.key == "income")
    assert not income.agreed                                            # 15,150.93 ÷ 2 = 7,575.47: between the two lines
    for words in ("7,725.47", "7,365.00", "17167.7 元 × 45%", "梅市发〔2016〕5号", "人均低于标准 150.00 元",
                  "人均高出标准 210.47 元", f"第{actual.pk}次计算", f"第{forecast.pk}次计算", "住房安全"):
        assert words in page, words
    assert "待核：住房安全" in page


def test_without_a_run_the_page_says_what_to_do(household, client_of):
    assert "请县扶贫办计算" in client_of("town_clerk", TOWN).get(page_of(household)).content.decode()
    assert reverse("assessment:run_new") in client_of("county_office", COUNTY).get(page_of(household)).content.decode()


def test_a_correction_after_the_run_is_said(household, client_of):
    assess()
    client = client_of("town_clerk", TOWN)
    assert not client.get(page_of(household)).context["stale"]

    HouseholdYear.objects.filter(pk=household.pk).update(updated_at=timezone.now() + timedelta(minutes=1))

    assert "之后有修改" in client.get(page_of(household)).content.decode()


def test_people_are_masked_and_who_no_longer_counts_is_said(household, client_of):
    response = client_of("town_clerk", TOWN).get(page_of(household))
    page = response.content.decode()

    assert "441424********" in page
    for secret in (id_number(1), id_number(2), "13800001234", "13911112222", "6228480012345678901"):
        assert secret not in page
    assert "138****1234" in page
    assert "***8901" in page
    assert [person.is_active for person in response.context["members"]] == [True, True, False]
    assert "row-gone" in page
    assert "清退" in page
    assert response["Cache-Control"].count("no-store")


def test_years_are_tabs_and_unknown_is_never_no(household, client_of):
    make_household(year=2017, serial=7, head_name="陈志强", wage_income=6000, food_secure=None,
                   members=[{"id_number": id_number(1)}])
    client = client_of("town_clerk", TOWN)

    newest, older = client.get(page_of(household)), client.get(page_of(household, year=2017))

    assert newest.context["year"].year == 2018
    assert older.context["year"].year == 2017
    food = next(row for row in newest.context["guarantee_rows"] if row["label"] == "不愁吃")
    assert [answer["text"] for answer in food["answers"]] == ["待核", "是"]
    net = next(row for row in newest.context["income_rows"] if row["label"] == "全年净收入")
    assert net["amounts"] == [Decimal("6000.00"), Decimal("15150.93")]
    assert newest.context["income_rows"][-1]["amounts"] == [Decimal("6000.00"), Decimal("7575.47")]


def test_history_says_who_changed_what_without_personal_numbers(household, client_of, officer):
    household.wage_income = Decimal("16000.50")
    household.phone = "13899998888"
    household.housing_secure = True
    household._history_user = officer("town_clerk", TOWN, name="水寨经办")
    household._change_reason = "入户核实"
    household.save()

    page = client_of("town_clerk", TOWN).get(page_of(household)).content.decode()

    for words in ("水寨经办", "入户核实", "15,000.00 元", "16,000.50 元", "138****8888", "（空）"):
        assert words in page, words
    assert "13899998888" not in page


@pytest.mark.req("R331")
def test_looking_is_recorded_and_another_town_finds_nothing(household, client_of):
    client = client_of("village_worker", VILLAGE)
    assert client.get(page_of(household)).status_code == 200

    event = AuditEvent.objects.get(action="查看户")
    assert (event.officer, event.subject, event.area_code) == (client.officer, f"household:{household.household_id}", VILLAGE)
    other = client_of("town_clerk", "441424103000")
    assert other.get(page_of(household)).status_code == 404
    assert other.get("/households/9999999999999999/").status_code == 404
    assert client_of("audit_admin", COUNTY).get(page_of(household)).status_code == 403


@pytest.mark.parametrize(("what", "clear"), [("phone", "13800001234"), ("bank_card", "6228480012345678901"),
                                             ("id_number", id_number(1)), ("member_phone", "13911112222")])
def test_one_number_is_shown_once_with_a_reason(household, client_of, what, clear):
    client = client_of("town_clerk", TOWN)
    row = household.pk if what in ("phone", "bank_card") else household.members.first().pk
    address = reverse("assessment:household_reveal", args=[household.household_id, what, row])

    asked, refused = client.get(address), client.post(address, {"reason": "看看"})
    assert clear not in asked.content.decode()
    assert refused.status_code == 422
    assert clear not in refused.content.decode()
    assert not AuditEvent.objects.filter(action="查看个人信息").exists()

    shown = client.post(address, {"reason": "核对社保卡号，电话通知本人"})
    assert clear in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.get(action="查看个人信息")
    assert event.detail["reason"] == "核对社保卡号，电话通知本人"
    assert clear not in str(event.detail)


def test_a_number_is_shown_only_within_right_and_scope(household, client_of):
    address = reverse("assessment:household_reveal", args=[household.household_id, "phone", household.pk])
    other = make_household(Area.objects.filter(level="village", parent_id="441424103000").first().code, serial=1)

    assert client_of("village_worker", VILLAGE).post(address, {"reason": "核对本人电话"}).status_code == 403
    assert client_of("town_clerk", "441424103000").post(address, {"reason": "核对本人电话"}).status_code == 404
    mixed = reverse("assessment:household_reveal", args=[household.household_id, "phone", other.pk])
    assert client_of("town_clerk", TOWN).post(mixed, {"reason": "核对本人电话"}).status_code == 404
    unknown = reverse("assessment:household_reveal", args=[household.household_id, "head_name", household.pk])
    assert client_of("town_clerk", TOWN).get(unknown).status_code == 404


def test_the_next_household_is_the_next_of_the_list(household, client_of):
    others = [make_household(serial=serial, main_cause=cause, members=[{"id_number": id_number(serial)}])
              for serial, cause in ((5, "illness"), (8, "skill"), (9, "illness"))]
    client = client_of("town_clerk", TOWN)

    plain = client.get(page_of(household)).context
    assert (plain["previous"], plain["next"]) == (others[0].household_id, others[1].household_id)
    narrowed = client.get(page_of(household, cause="illness", sort="-no"))
    assert (narrowed.context["previous"], narrowed.context["next"]) == (others[2].household_id, others[0].household_id)
    assert "cause=illness" in narrowed.content.decode()
    elsewhere = client.get(page_of(household, cause="skill")).context
    assert (elsewhere["previous"], elsewhere["next"]) == ("", "")


def test_queries_do_not_grow_with_people_runs_or_neighbours(household, client_of):
    client = client_of("town_clerk", TOWN)
    numbers = set()
    for round_ in range(2):
        assess(), assess(basis="forecast")
        client.get(page_of(household))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(household))
        numbers.add(len(queries))
        for serial in range(20 + 10 * round_, 30 + 10 * round_):
            make_household(serial=serial, members=[{"id_number": id_number(serial)}])
        household.save()

    assert len(numbers) == 1, numbers
    assert numbers.pop() <= 30

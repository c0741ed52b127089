"""Published figures: entered with their source, doubted when unusual, corrected with history, taken along as a table."""
import csv
import io

import openpyxl
import pytest
from django.urls import reverse

from office.models import AuditEvent, Job, Statistic

COUNTY, CITY, PROVINCE = "441424000000", "441400000000", "440000000000"
FIGURE = {"key": "rural_pc_disposable_income", "area": PROVINCE, "year": "2021", "basis": "actual", "value": "22306",
          "known_on": "2022-01-19", "source": "国家统计局广东调查总队 2022年1月19日公布"}


@pytest.fixture
def client(client_of):
    return client_of("county_office", COUNTY)


def enter(client, **changes):
    return client.post(reverse("office:statistic_new"), FIGURE | changes)


def stored(**changes):
    return Statistic.objects.filter(**({"key": FIGURE["key"], "area_id": PROVINCE, "year": 2021} | changes))


@pytest.mark.req("R246", "R332")
def test_an_office_enters_a_new_figure_and_the_runs_are_computed_again(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = enter(client)
    statistic = stored().get()
    assert answer.url == reverse("office:statistic", args=[statistic.pk])
    assert (statistic.value, statistic.entered_by) == (22306, client.officer)
    job = Job.objects.get(task="assessment.tasks.recompute_after_statistic")
    assert (job.parameters, job.owner) == ({"statistic": statistic.pk}, client.officer)
    assert "正在重新计算" in client.get(answer.url).content.decode()
    assert AuditEvent.objects.get(action="录入统计数").detail["value"] == "22306"


def test_entered_twice_it_stays_one(client):
    enter(client)
    answer = client.post(reverse("office:statistic_new"), FIGURE, follow=True)
    assert "没有变化" in answer.content.decode()
    assert stored().count() == 1
    assert Job.objects.filter(task="assessment.tasks.recompute_after_statistic").count() == 1


@pytest.mark.parametrize(("changes", "field"), [
    ({"value": "0"}, "value"), ({"value": "二万"}, "value"), ({"value": "1.23456"}, "value"), ({"year": "1999"}, "year"),
    ({"known_on": "2999-01-01"}, "known_on"), ({"known_on": "2020-01-01"}, "known_on"), ({"source": "网"}, "source"),
    ({"key": "gdp"}, "key"), ({"area": "441424134000"}, "area"), ({"area": "441422000000"}, "area"),
])
def test_what_cannot_be_right_is_said_at_its_field_and_nothing_is_lost(client, changes, field):
    page = enter(client, **changes)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert FIGURE["known_on"][:4] in page.content.decode()
    assert not stored().exists()


def test_fields_are_checked_while_typing(client):
    url = reverse("office:statistic_check")
    part = client.post(url, FIGURE | {"value": "-5"}, headers={"HX-Request": "true", "HX-Trigger-Name": "value"})
    assert "必须大于零" in part.content.decode()
    assert "<html" not in part.content.decode()
    good = client.post(url, FIGURE, headers={"HX-Request": "true", "HX-Trigger-Name": "value"})
    assert "field-error" not in good.content.decode()
    assert client.post(url, FIGURE, headers={"HX-Trigger-Name": "password"}).status_code == 404


def test_a_figure_far_from_the_year_before_is_asked_about(client):
    page = enter(client, value="2230.6")
    assert "超过 ±30%" in page.content.decode()
    assert not stored().exists()
    confirmed = enter(client, value="2230.6", confirmed="on", seen="")
    assert confirmed.status_code == 302
    assert str(stored().get().value) == "2230.6000"


def test_another_value_for_the_same_figure_is_asked_about_and_kept_in_the_history(client):
    enter(client)
    page = enter(client, value="22310")
    body = page.content.decode()
    assert "22,306" in body
    assert "22,310" in body
    assert str(stored().get().value) == "22306.0000"
    seen = page.context["form"]["seen"].value()
    assert enter(client, value="22310", confirmed="on", seen=seen).status_code == 302
    statistic = stored().get()
    assert str(statistic.value) == "22310.0000"
    assert [str(version.value) for version in statistic.history.all()] == ["22310.0000", "22306.0000"]
    assert "22,306" in client.get(reverse("office:statistic", args=[statistic.pk])).content.decode()


def test_a_confirmation_does_not_count_for_what_a_colleague_stored_meanwhile(client):
    enter(client)
    seen = enter(client, value="22310").context["form"]["seen"].value()
    stored().update(value="22307")
    page = enter(client, value="22310", confirmed="on", seen=seen)
    assert "22,307" in page.content.decode()
    assert str(stored().get().value) == "22307.0000"


def test_a_correction_needs_a_reason_and_changes_only_the_value_and_its_source(client):
    enter(client)
    url = reverse("office:statistic_edit", args=[stored().get().pk])
    assert "reason" in client.post(url, {"value": "22400", "source": FIGURE["source"]}).context["form"].errors
    change = {"value": "22400", "source": FIGURE["source"], "reason": "公报更正", "year": "2015", "area": COUNTY}
    page = client.post(url, change)
    assert "22,306" in page.content.decode()
    answer = client.post(url, change | {"confirmed": "on", "seen": page.context["form"]["seen"].value()})
    assert answer.status_code == 302
    statistic = stored().get()
    assert (str(statistic.value), statistic.year, statistic.area_id) == ("22400.0000", 2021, PROVINCE)
    assert statistic.history.first().history_change_reason == "公报更正"
    assert AuditEvent.objects.get(action="更正统计数").detail["before"] == "22306.0000"


def test_only_county_and_city_offices_enter_figures(client_of):
    for role, area in (("town_clerk", "441424134000"), ("county_leader", COUNTY), ("finance", COUNTY),
                       ("auditor", COUNTY), ("system_admin", COUNTY)):
        assert client_of(role, area).get(reverse("office:statistic_new")).status_code == 403
    city = client_of("city_office", CITY)
    areas = {area.pk for area in city.get(reverse("office:statistic_new")).context["form"].fields["area"].queryset}
    assert {PROVINCE, CITY, COUNTY} < areas
    assert "441500000000" not in areas


def test_a_figure_of_another_county_cannot_be_corrected(client):
    other = Statistic.objects.create(key="rural_dibao_monthly", area_id="441422000000", year=2018, basis="actual",
                                     value="500", known_on="2018-01-01", source="大埔县民政局")
    assert client.get(reverse("office:statistic_edit", args=[other.pk])).status_code == 404
    assert client.get(reverse("office:statistic", args=[other.pk])).status_code == 200


def test_the_list_filters_and_marks_what_is_not_confirmed(client_of):
    client = client_of("village_worker", "441424134001")
    page = client.get(reverse("office:statistics"), {"key": "rural_pc_disposable_income", "year": "2018"})
    assert {(row.year, row.key) for row in page.context["rows"]} == {(2018, "rural_pc_disposable_income")}
    assert all(row.unconfirmed for row in page.context["rows"] if "核实" in row.source or "confirmed" in row.source)
    assert "未核实" in page.content.decode()
    assert "录入统计数" not in page.content.decode()
    assert client.get(reverse("office:statistics"), {"year": "x"}).status_code == 200


def test_the_list_keeps_a_constant_number_of_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        client.get(reverse("office:statistics"))


def test_what_is_shown_is_taken_along_as_csv_and_excel(client):
    url = reverse("office:statistics_export")
    content = client.get(url, {"format": "csv", "year": "2018"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["年度"] for row in rows} == {"2018"}
    assert len(rows) == Statistic.objects.filter(year=2018).count()
    book = openpyxl.load_workbook(io.BytesIO(client.get(url, {"format": "xlsx"}).content))
    assert book.active.max_row == Statistic.objects.count() + 1
    assert client.get(url, {"format": "exe"}).status_code == 404
    assert AuditEvent.objects.filter(action="导出统计数").count() == 2


def test_a_source_cannot_smuggle_a_formula_into_the_table(client):
    enter(client, source="=HYPERLINK(\"http://x\") 公报")
    content = client.get(reverse("office:statistics_export"), {"format": "csv", "year": "2021"}).content.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(content)))["来源"].startswith("'=")

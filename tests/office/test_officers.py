"""Logins and postings: made, locked, reset and ended by the right administrator, each with a reason in the trail."""
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, Officer, Posting
from tests.factories import make_officer

COUNTY, TOWN, OTHER_COUNTY = "441424000000", "441424134000", "441422000000"
PASSWORD = "Wuhua-2018x"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def system(client_of):
    return client_of("system_admin", COUNTY)


@pytest.fixture
def security(client_of):
    return client_of("security_admin", COUNTY)


@pytest.fixture
def clerk(db):
    return make_officer("lizhen", "town_clerk", TOWN, name="李镇干", password=PASSWORD)


def login(username, password):
    client = Client()
    client.post(reverse("account_login"), {"login": username, "password": password})
    return client


def step(client, officer, name, reason="本人来电，已核实"):
    return client.post(reverse("office:officer_step", args=[officer.pk, name]), {"reason": reason})


def appoint(client, **fields):
    given = {"role": "town_clerk", "area": TOWN, "starts_on": "2018-01-01", "ends_on": ""} | fields
    return client.post(reverse("office:posting_new"), given)


def test_a_new_login_has_a_temporary_password_shown_once_and_no_rights(system):
    page = system.post(reverse("office:officer_new"), {"username": "zhangsan", "name": "张三"})
    password = page.context["password"]
    assert password in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    officer = Officer.objects.get(username="zhangsan")
    assert password not in system.get(reverse("office:officer", args=[officer.pk])).content.decode()
    newcomer = login("zhangsan", password)
    assert newcomer.get(reverse("office:profile")).url == reverse("account_change_password")
    assert officer.permissions == frozenset()
    assert AuditEvent.objects.get(action="新建账号").subject == "officer:zhangsan"


def test_a_name_that_is_taken_is_said_at_the_field(system, clerk):
    page = system.post(reverse("office:officer_new"), {"username": "lizhen", "name": "李四"})
    assert page.context["form"].errors["username"]
    assert "李四" in page.content.decode(), "what was typed is still there"


def test_a_locked_person_is_out_at_once_and_back_after_unlocking(system, clerk):
    there = login("lizhen", PASSWORD)
    assert there.get(reverse("office:profile")).status_code == 200
    step(system, clerk, "lock", "调离")
    assert there.get(reverse("office:profile")).status_code == 302
    assert login("lizhen", PASSWORD).get(reverse("office:profile")).status_code == 302
    step(system, clerk, "unlock")
    assert login("lizhen", PASSWORD).get(reverse("office:profile")).status_code == 200
    assert AuditEvent.objects.get(action="停用账号").detail["reason"] == "调离"


def test_a_reset_password_is_temporary_and_ends_sessions(system, clerk):
    there = login("lizhen", PASSWORD)
    password = step(system, clerk, "password").context["password"]
    assert there.get(reverse("office:profile")).status_code == 302
    assert login("lizhen", PASSWORD).get(reverse("office:profile")).status_code == 302
    assert login("lizhen", password).get(reverse("office:profile")).url == reverse("account_change_password")


def test_the_pause_after_wrong_passwords_is_lifted(system, clerk, settings):
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(reverse("account_login"), {"login": "lizhen", "password": "Wrong-12345"})
    assert "登录已暂停" in system.get(reverse("office:officer", args=[clerk.pk])).content.decode()
    step(system, clerk, "unlock")
    assert login("lizhen", PASSWORD).get(reverse("office:profile")).status_code == 200


def test_a_lost_phone_is_reset(system, clerk):
    Authenticator.objects.create(user=clerk, type="totp", data={"secret": "x"})
    step(system, clerk, "second-factor", "手机遗失")
    assert not Authenticator.objects.filter(user=clerk).exists()


def test_sessions_of_a_person_are_ended(system, clerk):
    there = login("lizhen", PASSWORD)
    step(system, clerk, "sessions")
    assert there.get(reverse("office:profile")).status_code == 302


def test_every_step_needs_a_reason_and_never_concerns_oneself(system, clerk):
    assert "请写明原因" in step_said(system, clerk, "lock", "")
    assert "不能对本人的账号" in step_said(system, system.officer, "lock", "试一试")
    assert Officer.objects.filter(is_active=False).count() == 0


def step_said(client, officer, name, reason):
    return client.post(reverse("office:officer_step", args=[officer.pk, name]), {"reason": reason},
                       follow=True).content.decode()


def test_officers_of_another_county_are_not_found(system):
    other = make_officer("elsewhere", "county_office", OTHER_COUNTY)
    assert system.get(reverse("office:officer", args=[other.pk])).status_code == 404
    assert "elsewhere" not in system.get(reverse("office:officers")).content.decode()
    assert step(system, other, "password").status_code == 404


def test_officers_are_found_and_filtered(system, clerk):
    page = system.get(reverse("office:officers"), {"q": "李镇"})
    assert [officer.username for officer in page.context["page"]] == ["lizhen"]
    assert list(system.get(reverse("office:officers"), {"state": "locked"}).context["page"]) == []


def test_lists_keep_a_constant_number_of_queries(system, django_assert_max_num_queries):
    for n in range(30):
        make_officer(f"many{n}", "town_clerk", TOWN)
    with django_assert_max_num_queries(14):
        system.get(reverse("office:officers"))


@pytest.mark.req("R331")
def test_a_posting_gives_the_rights_of_its_role_in_its_area(security):
    newcomer = Officer.objects.create(username="zhangsan", name="张三")
    assert appoint(security, officer="zhangsan").url == reverse("office:postings")
    newcomer = Officer.objects.get(pk=newcomer.pk)
    assert newcomer.scope == (TOWN,)
    posting = newcomer.postings.get()
    assert posting.appointed_by == security.officer
    assert AuditEvent.objects.get(action="任命").detail["officer"] == "zhangsan"


@pytest.mark.parametrize(("fields", "word"), [
    ({"role": "town_clerk", "area": COUNTY}, "只能任职于镇"),
    ({"role": "county_office", "area": TOWN}, "只能任职于县"),
    ({"area": OTHER_COUNTY, "role": "county_office"}, "不在您管理的区域内"),
    ({"area": "999999999999"}, "没有代码为"),
    ({"area": "某某镇"}, "没有这个区域"),
    ({"officer": "nobody"}, "没有这个账号"),
    ({"ends_on": "2017-12-31"}, "不能早于任职日期"),
])
def test_postings_that_are_refused_say_why(security, fields, word):
    Officer.objects.create(username="zhangsan", name="张三")
    page = appoint(security, **({"officer": "zhangsan"} | fields))
    assert page.status_code == 200
    assert word in page.content.decode()
    assert not Posting.objects.filter(officer__username="zhangsan").exists()


def test_nobody_appoints_oneself(security):
    page = appoint(security, officer=security.officer.username)
    assert "不能办理本人的任职" in page.content.decode()
    own = security.officer.postings.get()
    page = security.post(reverse("office:posting_end", args=[own.pk]), {"ends_on": "2026-01-01", "reason": "调离"})
    assert "不能办理本人的任职" in page.content.decode()


@pytest.mark.parametrize(("held", "area", "new", "new_area"), [
    ("system_admin", COUNTY, "audit_admin", COUNTY), ("town_clerk", TOWN, "system_admin", COUNTY),
    ("finance", COUNTY, "county_office", COUNTY), ("auditor", COUNTY, "finance", COUNTY),
])
def test_roles_that_exclude_each_other_are_not_given_to_one_person(security, held, area, new, new_area):
    make_officer("zhangsan", held, area)
    assert "不能" in appoint(security, officer="zhangsan", role=new, area=new_area).content.decode()
    assert Posting.objects.filter(officer__username="zhangsan").count() == 1


def test_after_the_first_posting_has_ended_another_kind_may_follow(security):
    officer = make_officer("zhangsan", "finance", COUNTY)
    posting = officer.postings.get()
    security.post(reverse("office:posting_end", args=[posting.pk]), {"ends_on": "2020-06-30", "reason": "轮岗"})
    posting.refresh_from_db()
    assert posting.ends_on == date(2020, 6, 30)
    assert posting.history.first().history_change_reason == "轮岗"
    assert appoint(security, officer="zhangsan", role="county_office", area=COUNTY,
                   starts_on="2020-07-01").url == reverse("office:postings")


def test_a_posting_of_tomorrow_gives_nothing_today(security):
    Officer.objects.create(username="zhangsan", name="张三")
    appoint(security, officer="zhangsan", starts_on=str(timezone.localdate() + timedelta(days=1)))
    assert Officer.objects.get(username="zhangsan").scope == ()


def test_the_two_administrators_cannot_do_each_others_work(system, security, clerk):
    assert system.get(reverse("office:posting_new")).status_code == 403
    assert security.get(reverse("office:officers")).status_code == 403
    assert step(security, clerk, "password").status_code == 403


def test_areas_and_persons_are_suggested_inside_the_own_area(security, clerk):
    options = security.get(reverse("office:area_options"), {"area": "镇"}).content.decode()
    assert "441424" in options
    assert "441422" not in options
    assert "lizhen" in security.get(reverse("office:officer_options"), {"officer": "李镇"}).content.decode()


def test_create_officer_keeps_its_contract(command, monkeypatch, db):
    monkeypatch.setenv("OFFICER_PASSWORD", PASSWORD)
    arguments = ("lizhen", "--name", "李镇干", "--role", "town_clerk", "--area", TOWN)
    assert command("create_officer", *arguments)[:2] == (0, {"username": "lizhen"})
    before = Officer.objects.get(username="lizhen")
    assert command("create_officer", *arguments)[:2] == (0, {"username": "lizhen"})
    assert Posting.objects.filter(officer=before).count() == 1
    assert Officer.objects.get(username="lizhen").password == before.password
    assert login("lizhen", PASSWORD).get(reverse("office:profile")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("arguments", "password", "word"), [
    (("x1", "--name", "某", "--role", "boss", "--area", TOWN), PASSWORD, "没有岗位"),
    (("x1", "--name", "某", "--role", "town_clerk", "--area", "12"), PASSWORD, "没有区划"),
    (("x1", "--name", "某", "--role", "town_clerk", "--area", COUNTY), PASSWORD, "只能任职于镇"),
    (("x1", "--name", "某", "--role", "town_clerk", "--area", TOWN), "short", "密码太短"),
])
def test_create_officer_refuses_in_one_sentence_and_does_nothing(command, monkeypatch, arguments, password, word):
    monkeypatch.setenv("OFFICER_PASSWORD", password)
    code, answer, said = command("create_officer", *arguments)
    assert (code, answer) == (1, None)
    assert word in said
    assert len(said.strip().splitlines()) == 1
    assert not Officer.objects.filter(username="x1").exists()

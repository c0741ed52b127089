"""Coming in and going out: password, lock-out, second factor, idle logout, open sessions, failures."""
import errno
import time
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, Posting
from office.sessions import LAST_SEEN
from office.views import jobs
from tests.factories import make_officer

PASSWORD = "Wuhua-2018x"
TOWN = "441424134000"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def clerk(db):
    return make_officer("lizhen", "town_clerk", TOWN, name="李镇干", password=PASSWORD)


def login(client, username="lizhen", password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": username, "password": password}, **extra)


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def enrol(client, commits) -> str:
    """Turn the second factor on as a person would; returns the secret."""
    page = client.get(reverse("mfa_activate_totp"))
    assert page.url.startswith(reverse("account_reauthenticate")), "the password is asked for again"
    client.post(page.url, {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    with commits(execute=True):
        answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


def actions():
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_a_stranger_is_led_to_the_login_page():
    answer = Client().get("/office/jobs/")
    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=/office/jobs/")
    assert "用户名" in Client().get("/accounts/login/").content.decode()


def test_login_and_logout_stand_in_the_trail(clerk):
    client = Client()
    answer = login(client)
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get(reverse("office:profile")).status_code == 200
    assert client.get(reverse("account_logout")).status_code == 200, "a link alone logs nobody out"
    assert client.get(reverse("office:profile")).status_code == 200
    assert client.post(reverse("account_logout")).url == reverse("account_login")
    assert client.get(reverse("office:profile")).status_code == 302
    assert actions() == ["登录", "退出登录"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "inactive/"])
def test_nobody_signs_up_or_asks_for_a_password_by_mail(path):
    assert Client().get("/accounts/" + path).status_code == 404


def test_too_many_wrong_passwords_pause_the_login_and_say_until_when(clerk, settings):
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        answer = login(client, password="Wrong-12345")
        assert answer.status_code == 200
        assert "用户名或密码不对" in answer.content.decode()
    locked = login(client, password="Wrong-12345")
    assert locked.status_code == 429
    until = timezone.localtime(timezone.now() + settings.AXES_COOLOFF_TIME)
    assert f"{until:%H:%M}" in locked.content.decode() or f"{until - timedelta(minutes=1):%H:%M}" in locked.content.decode()
    assert 0 < int(locked["Retry-After"]) <= 1800
    assert login(client).status_code == 429, "the right password does not help during the pause"
    assert login(Client(), REMOTE_ADDR="10.1.2.3").status_code == 302, "another machine is not paused"
    assert actions().count("登录锁定") == 1
    assert actions().count("登录失败") == settings.AXES_FAILURE_LIMIT + 1


@pytest.mark.django_db
def test_an_unknown_name_is_answered_like_a_known_one_and_not_kept_in_clear(settings):
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = login(client, username="MyPassword-in-the-wrong-field")
    assert answer.status_code == 429
    assert not AuditEvent.objects.filter(subject__contains="MyPassword").exists()


def test_second_factor_from_enrolment_to_disabling(clerk, django_capture_on_commit_callbacks):
    client = Client()
    login(client)
    secret = enrol(client, django_capture_on_commit_callbacks)
    stored = Authenticator.objects.get(user=clerk, type="totp").data["secret"]
    assert secret not in stored, "the secret is encrypted in the database"
    codes = client.get(reverse("mfa_view_recovery_codes"))
    recovery = codes.context["unused_codes"][0]
    assert recovery in codes.content.decode()
    client.post(reverse("account_logout"))

    cache.clear()
    assert login(client).url == reverse("mfa_authenticate"), "the password alone is not enough"
    assert client.get(reverse("office:profile")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "验证码不对" in wrong.content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == "/"
    assert client.get(reverse("office:profile")).status_code == 200
    client.post(reverse("account_logout"))

    login(client)
    assert client.post(reverse("mfa_authenticate"), {"code": recovery}).url == "/", "a recovery code stands in"
    client.post(reverse("account_logout"))
    login(client)
    assert client.post(reverse("mfa_authenticate"), {"code": recovery}).status_code == 200, "but only once"
    cache.clear()
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    again = client.get(reverse("mfa_deactivate_totp"))
    client.post(again.url, {"password": PASSWORD})
    assert client.post(reverse("mfa_deactivate_totp")).url == reverse("mfa_index")
    client.post(reverse("account_logout"))
    assert login(client).url == "/"
    assert {"启用双因素", "停用双因素"} <= set(actions())


def test_codes_cannot_be_tried_out(clerk, settings, django_capture_on_commit_callbacks):
    client = Client()
    login(client)
    secret = enrol(client, django_capture_on_commit_callbacks)
    client.post(reverse("account_logout"))
    login(client)
    answers = [client.post(reverse("mfa_authenticate"), {"code": f"{n:06d}"}).status_code
               for n in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1] == 429
    cache.clear()
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).status_code == 429
    assert client.get(reverse("office:profile")).status_code == 302


def test_an_idle_session_ends(client_of, settings):
    client = client_of("town_clerk", TOWN)
    assert client.get(reverse("office:profile")).status_code == 200
    make_idle(client, settings.SESSION_IDLE_MINUTES * 60 + 1)
    answer = client.get(reverse("office:profile"))
    assert answer.url == f"{reverse('account_login')}?next={reverse('office:profile')}"
    assert "自动退出" in client.get(answer.url).content.decode()
    assert "闲置退出" in actions()


def test_what_was_pressed_without_a_session_is_not_done_and_leads_back(client_of, settings):
    page, step = reverse("office:profile"), reverse("office:job_cancel", args=[1])
    for client in (Client(), client_of("town_clerk", TOWN)):
        make_idle(client, settings.SESSION_IDLE_MINUTES * 60 + 1)
        answer = client.post(step, headers={"Referer": f"http://testserver{page}?a=1"})
        assert answer.url == f"{reverse('account_login')}?next={page}%3Fa%3D1"
    assert Client().post(step, headers={"Referer": "http://elsewhere.example/x"}).url.endswith("?next=/")
    stranger = Client()
    stranger.post(step)
    assert "刚才的操作没有执行" in stranger.get(reverse("account_login")).content.decode()


def test_a_page_that_asks_by_itself_keeps_nobody_logged_in(client_of, settings):
    client = client_of("town_clerk", TOWN)
    client.get(reverse("office:profile"))
    make_idle(client, settings.SESSION_IDLE_MINUTES * 60 - 5)
    before = client.session[LAST_SEEN]
    assert client.get(reverse("office:jobs_badge"), headers={"HX-Request": "true"}).status_code == 200
    assert client.session[LAST_SEEN] == before
    make_idle(client, settings.SESSION_IDLE_MINUTES * 60 + 1)
    assert client.get(reverse("office:jobs_badge"), headers={"HX-Request": "true"}).status_code == 401
    assert client.get(reverse("office:profile")).status_code == 302


def make_idle(client, seconds):
    session = client.session
    session[LAST_SEEN] = int(time.time()) - seconds
    session.save()


def test_a_script_of_a_page_gets_no_login_page():
    assert Client().get(reverse("office:jobs_badge"), headers={"HX-Request": "true"}).status_code == 401


def test_without_a_posting_in_force_nothing_is_shown_but_the_way_out(clerk):
    Posting.objects.filter(officer=clerk).update(ends_on=date(2018, 12, 31))
    client = Client()
    login(client)
    for name in ("home", "office:jobs", "office:profile", "office:programmes"):
        answer = client.get(reverse(name))
        assert answer.status_code == 403
        assert "没有在任的岗位" in answer.content.decode()
    assert client.get(reverse("account_change_password")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_a_person_ends_the_own_other_sessions(clerk):
    here, there = Client(), Client()
    login(here)
    login(there)
    page = here.get(reverse("office:profile"))
    assert len(page.context["sessions"]) == 2
    here.post(reverse("office:end_own_sessions"))
    assert here.get(reverse("office:profile")).status_code == 200
    assert there.get(reverse("office:profile")).status_code == 302


@pytest.mark.parametrize(("error", "status", "word"), [
    (OperationalError("could not connect to server"), 503, "数据库"),
    (OperationalError("database or disk is full"), 507, "磁盘"),
    (OSError(errno.ENOSPC, "No space left on device"), 507, "磁盘"),
])
def test_failures_below_the_product_are_said_with_a_remedy(client_of, monkeypatch, error, status, word):
    def fail(*args, **kwargs):
        raise error

    client = client_of("town_clerk", TOWN)
    monkeypatch.setattr(jobs, "page_by_key", fail)
    answer = client.get(reverse("office:jobs"))
    assert answer.status_code == status
    assert word in answer.content.decode()


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(client_of, settings):
    settings.UPLOAD_LIMIT_BYTES = 1000
    client = client_of("town_clerk", TOWN)
    answer = client.post(reverse("office:end_own_sessions"), {"x": "y" * 1_100_000})
    assert answer.status_code == 413
    assert "太大" in answer.content.decode()


def test_unknown_pages_and_forbidden_ones_answer_in_chinese(client_of):
    client = client_of("town_clerk", TOWN)
    missing, forbidden = client.get("/nothing-here/"), client.get(reverse("office:trail"))
    assert (missing.status_code, forbidden.status_code) == (404, 403)
    assert "没有这个页面" in missing.content.decode()
    assert "没有这项权限" in forbidden.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("account_login"), {}).status_code == 403


@pytest.mark.django_db
def test_health_says_what_can_be_reached_and_nothing_else():
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok"}


def test_pages_forbid_inline_script_and_foreign_sources(client_of):
    answer = client_of("town_clerk", TOWN).get(reverse("office:jobs"))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["Cache-Control"] == "private, no-store", "nothing comes up again after logging out"
    body = answer.content.decode()
    assert " style=" not in body
    assert "<script>" not in body

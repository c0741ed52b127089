"""What a password must be, when it has to be changed, and that it is not used again."""
from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent
from office.passwords import kinds_of, temporary_password
from tests.factories import make_officer

TOWN = "441424134000"
FIRST = "Wuhua-2018x"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def clerk(db):
    return make_officer("lizhen", "town_clerk", TOWN, name="李镇干", password=FIRST)


@pytest.fixture
def client(clerk):
    made = Client()
    made.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    return made


def change(client, old, new):
    cache.clear()
    return client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.parametrize(("password", "word"), [
    ("Ab1-efgh", "至少10个字符"), ("abcdefghijkl", "至少三种"), ("abcdefgh1234", "至少三种"), ("Lizhen-2018", "太相似"),
])
def test_weak_passwords_are_refused_with_the_rule(clerk, password, word):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, clerk)
    assert word in "".join(refused.value.messages)


def test_three_of_four_kinds_are_enough(clerk):
    for password in ("tangerine-4471", "TANGERINE-4471", "Tangerine4471", "Tangerine-peel"):
        validate_password(password, clerk)


def test_temporary_passwords_keep_the_rules_themselves():
    drawn = {temporary_password() for _ in range(200)}
    assert len(drawn) == 200
    assert all(len(password) == 12 and kinds_of(password) == 4 for password in drawn)


def test_a_change_is_noted_and_ends_other_sessions(client, clerk):
    other = Client()
    other.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert change(client, FIRST, "Meizhou-2018y").url == "/"
    assert client.get(reverse("office:profile")).status_code == 200
    assert other.get(reverse("office:profile")).status_code == 302
    assert AuditEvent.objects.filter(action="修改密码", officer=clerk).count() == 1


def test_a_wrong_present_password_changes_nothing(client, clerk):
    answer = change(client, "Wrong-12345", "Meizhou-2018y")
    assert "当前密码不对" in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(FIRST)


def test_the_last_five_passwords_are_not_used_again(client):
    used = [FIRST] + [f"Meizhou-{n}-abc" for n in range(1, 6)]
    for old, new in zip(used, used[1:], strict=False):
        assert change(client, old, new).status_code == 302
    for former in used[1:]:
        assert "最近5次" in change(client, used[-1], former).content.decode()
    assert change(client, used[-1], FIRST).status_code == 302, "the sixth before may come back"


def test_a_temporary_password_must_be_changed_first(client, clerk):
    clerk.must_change_password = True
    clerk.save()
    assert client.get(reverse("office:profile")).url == reverse("account_change_password")
    assert client.get(reverse("office:jobs_badge"), headers={"HX-Request": "true"}).status_code == 401
    assert "临时密码" in client.get(reverse("account_change_password")).content.decode()
    change(client, FIRST, "Meizhou-2018y")
    assert client.get(reverse("office:profile")).status_code == 200


def test_an_old_password_must_be_changed(client, clerk, settings):
    clerk.password_changed_at = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS + 1)
    clerk.save()
    assert client.get(reverse("office:profile")).url == reverse("account_change_password")
    assert client.post(reverse("account_logout")).url == reverse("account_login"), "the way out stays open"


def test_hashes_are_not_reversible(clerk, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    clerk.set_password(FIRST)
    assert clerk.password.startswith("argon2")

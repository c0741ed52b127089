"""Who may see and do what: roles as data, scope by area, pages that only read, revealing a number."""
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, reverse

from households.models import Household, Member, MemberYear
from office.access import allow, area_or_404, covers
from office.models import Area, AuditEvent, Job, Officer, Posting
from office.reveal import reveal
from office.roles import ADMINISTRATORS, ROLES, Permission, Role, conflict
from tests.factories import make_household

COUNTY, TOWN, OTHER_TOWN = "441424000000", "441424134000", "441424103000"
VILLAGE = "441424134001"


def test_administrators_of_the_system_see_no_cases():
    for role in ADMINISTRATORS:
        assert not ROLES[role].sees_cases
        assert ROLES[role].permissions & {Permission.REVEAL_PERSONAL, Permission.EXPORT_REGISTER} == set()


@pytest.mark.parametrize(("held", "new", "refused"), [
    ({"system_admin"}, "security_admin", True), ({"audit_admin"}, "system_admin", True),
    ({"system_admin"}, "county_office", True), ({"town_clerk"}, "audit_admin", True),
    ({"finance"}, "county_office", True), ({"auditor"}, "finance", True), ({"county_leader"}, "finance", True),
    ({"town_clerk"}, "town_leader", False), (set(), "system_admin", False), ({"county_office"}, "county_office", False),
])
def test_roles_that_do_not_go_together(held, new, refused):
    assert bool(conflict(held, new)) is refused


@pytest.mark.req("R331")
def test_scope_is_the_own_area_and_nothing_beside(officer):
    clerk = officer("town_clerk", TOWN)
    make_household(VILLAGE, serial=1)
    make_household("441424103001", serial=2)
    assert [h.village_id for h in Household.objects.visible_to(clerk)] == [VILLAGE]
    assert area_or_404(clerk, VILLAGE).pk == VILLAGE
    for outside in (OTHER_TOWN, COUNTY, "441424103001"):
        with pytest.raises(Http404):
            area_or_404(clerk, outside)
    assert covers(clerk, Permission.IMPORT_REGISTER, VILLAGE)
    assert not covers(clerk, Permission.IMPORT_REGISTER, OTHER_TOWN)


def test_without_a_posting_in_force_there_are_no_rows(officer):
    clerk = officer("town_clerk", TOWN)
    make_household(VILLAGE)
    Posting.objects.filter(officer=clerk).update(ends_on=date(2018, 12, 31))
    clerk = Officer.objects.get(pk=clerk.pk)
    assert not Household.objects.visible_to(clerk).exists()
    assert not Area.objects.visible_to(clerk).exists()
    assert clerk.permissions == frozenset()


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_no_administrator_reaches_a_household_or_its_list(officer, role):
    admin = officer(role, COUNTY)
    make_household(VILLAGE)
    assert not Household.objects.visible_to(admin).exists()
    assert not Area.objects.visible_to(admin).exists()


def office_views():
    """Every view of this room with its pattern."""
    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern

    room = next(p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "office")
    return list(walk(room.url_patterns))


def test_every_page_of_the_room_declares_who_may_open_it():
    undeclared = [pattern.name for pattern in office_views() if not hasattr(pattern.callback, "permission")]
    assert undeclared == []


def test_every_page_of_the_room_refuses_strangers_and_roles_without_the_right(client_of):
    clerk, stranger = client_of("town_clerk", TOWN), Client()
    for pattern in office_views():
        arguments = [1 if kind.regex == "[0-9]+" else "x" for kind in pattern.pattern.converters.values()]
        url = reverse(f"office:{pattern.name}", args=arguments)
        send = "post" if "GET" not in pattern.callback.methods else "get"
        answer = getattr(stranger, send)(url)
        back = url if send == "get" else "/"      # a button's address opens nothing after logging in
        assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={back}"), url
        needed = pattern.callback.permission
        if needed is not None and not clerk.officer.may(needed):
            assert getattr(clerk, send)(url).status_code == 403, url


def test_a_page_answers_only_to_its_methods(client_of):
    client = client_of("system_admin", COUNTY)
    assert client.post(reverse("office:officers")).status_code == 405
    answer = client.get(reverse("office:officer_step", args=[1, "lock"]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "只能由页面上的按钮提交" in answer.content.decode()


def test_a_page_that_only_reads_cannot_write(officer):
    @allow(None)
    def careless(request):
        Job.objects.create(task="x", title="x")
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = officer("town_clerk", TOWN)
    with pytest.raises(RuntimeError, match="only reads"):
        careless(request)


def test_revealing_a_number_needs_the_right_and_a_reason_and_is_noted(officer):
    row = make_household(VILLAGE)
    person = MemberYear.objects.get(household_year=row)
    number = person.id_number
    clerk = officer("town_clerk", TOWN)
    with pytest.raises(ValidationError, match="原因"):
        reveal(clerk, person, "id_number", "查看")
    assert reveal(clerk, person, "id_number", "核对社保卡，电话通知本人") == number
    event = AuditEvent.objects.get(action="查看个人信息")
    assert (event.officer, event.area_code, event.detail["field"]) == (clerk, VILLAGE, "id_number")
    assert number not in str(event.detail) + event.subject


def test_revealing_is_refused_elsewhere_and_to_roles_without_the_right(officer):
    person = MemberYear.objects.get(household_year=make_household(VILLAGE))
    for role, area in (("village_worker", VILLAGE), ("town_clerk", OTHER_TOWN), ("city_office", "441400000000")):
        with pytest.raises(PermissionDenied):
            reveal(officer(role, area), person, "id_number", "核对社保卡，电话通知本人")
    with pytest.raises(TypeError):
        reveal(officer("town_clerk", TOWN), Member.objects.first(), "no", "核对社保卡，电话通知本人")
    assert not AuditEvent.objects.filter(action="查看个人信息").exists()


def test_the_menu_follows_the_rights(client_of):
    entries = {role: {entry["label"] for entry in client_of(role, area).get(reverse("office:profile")).context["nav"]}
               for role, area in (("town_clerk", TOWN), ("system_admin", COUNTY), ("security_admin", COUNTY),
                                  ("audit_admin", COUNTY))}
    assert {"工作台", "政策文件", "统计数", "任务"} <= entries["town_clerk"]
    assert not {"人员", "任职", "操作日志"} & entries["town_clerk"]
    assert {"任务", "政策文件", "统计数"} < entries["system_admin"]
    assert entries["system_admin"] - entries["security_admin"] == {"人员"}
    assert entries["audit_admin"] - entries["security_admin"] == {"操作日志"}
    assert "工作台" not in entries["audit_admin"]


def test_every_role_has_a_sentence_and_a_level():
    assert set(ROLES) == set(Role.values)
    assert all(rule.sentence and rule.levels for rule in ROLES.values())

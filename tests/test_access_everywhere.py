"""Every address as a visitor, as an officer of another township, as a role without the right. New pages are covered
the day they are added: a page that does not say what right it needs fails here."""
import datetime
import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from assessment import engine
from assessment.models import Bulletin
from funds import actions, payment_lists
from funds.models import (
    Audit,
    AuditFinding,
    ExportRecord,
    Investment,
    Movement,
    Pledge,
    Procurement,
    Project,
    Publication,
)
from households.models import ImportBatch
from office.access import ScopedQuerySet
from office.models import Area, Job, Posting, Programme, Statistic
from office.roles import ROLES, Permission, Role
from tests.factories import VILLAGE, make_household, make_village

# The login itself, the check a supervisor of services asks, and the fund page that is published for everybody.
OPEN = ("healthz", "accounts/", "public/")
API = "api/"
HERE, ELSEWHERE = "441424134000", "441424103000"      # 水寨镇, 转水镇
COUNTY, OTHER_COUNTY = "441424000000", "441422000000"


def _patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry


PAGES = [(route, entry) for route, entry in _patterns() if not route.startswith(OPEN)]


@pytest.fixture
def things(officer):
    """One of everything that an address may name, all of it in 水寨镇 and owned by its clerk."""
    owner = officer("town_clerk", HERE, name="水寨经办")
    row = make_household(VILLAGE, wage_income=9000, members=[{}, {}])
    make_village(VILLAGE, income=9000)
    programme = Programme.objects.get(pk="MZ2016")
    run = engine.prepare(programme=programme, year=2018, area=Area.objects.get(pk=HERE))
    engine.execute(run)
    second = engine.prepare(programme=programme, year=2018, area=Area.objects.get(pk=HERE))
    engine.execute(second)
    job = Job.objects.create(task="assessment.tasks.assess", title="计算", owner=owner, state="done")
    batch = ImportBatch.objects.create(programme=programme, owner=owner, file_name="a.xlsx", file="a.xlsx", sha256="0" * 64)
    bulletin = Bulletin.objects.create(run=run, area_id=HERE, period="2018Q3", title="通报", content={}, content_digest="0")
    return _money(officer) | {
        "households/<str:no>": row.household_id, "code": HERE, "village": VILLAGE, "run": run.pk, "before": run.pk,
        "after": second.pk, "job": job.pk, "batch": batch.pk, "bulletin": bulletin.pk, "no": row.household_id,
        "statistic": Statistic.objects.first().pk, "officer": owner.pk, "posting": Posting.objects.first().pk,
        "member": row.members.first().member_id, "person": row.members.first().pk, "year": 2018, "key": "MZ2016",
    }


def _money(officer) -> dict:
    """One of everything about money, all of it in 水寨镇."""
    clerk, chief = officer("finance", COUNTY), officer("county_office", COUNTY)
    programme, county, town = Programme.objects.get(pk="MZ2016"), Area.objects.get(pk=COUNTY), Area.objects.get(pk=HERE)
    day = datetime.date(2017, 3, 1)
    came = actions.approve(actions.record_appropriation(
        clerk, programme=programme, area=county, document_number="粤财农〔2017〕1号", title="专项", source="province",
        payer_name="省财政厅", issued_on=day, amount="1000", subject_code="2130504", permitted_uses=["产业"]), chief)
    first, second = (actions.record_transfer(clerk, account=came.to_account, area=town, amount="300", on=day) for _ in range(2))
    moved = actions.approve(first, chief)
    project = Project.objects.create(number="XM1", name="油茶", programme=programme, area_id=VILLAGE, year=2017, use="产业",
                                     category="产业", implementer="合作社", recorded_by=clerk)
    batch = payment_lists.create(clerk, account=moved.to_account, area=town, item="补助", year=2018, unit="household",
                                 standard="10", use="产业")
    pledge = Pledge.objects.create(programme=programme, area=town, source="society", payer_name="商会", amount=1, pledged_on=day,
                                   due_on=day, recorded_by=clerk)
    investment = Investment.objects.create(
        project=project, enterprise="公司", amount=1, starts_on=day, term_months=12, guaranteed_rate=5,
        principal_due_on=day.replace(year=2018), recorded_by=clerk)
    export = ExportRecord.objects.create(number="TZ1", kind="funds", programme=programme, area=town, requested_by=clerk)
    return {"appropriation": came.appropriation_id, "account": moved.to_account_id, "movement": Movement.objects.last().pk,
            "voucher": second.pk, "project": project.pk, "payments": batch.pk, "export": export.pk,
            "pledge": pledge.pk, "investment": investment.pk,
            **_watched(project, clerk, day)}


def _watched(project: Project, clerk, day) -> dict:
    """One of everything about the supervision of the money."""
    notice = Publication.objects.create(what="project", project=project, area_id=VILLAGE, channel="board", from_on=day,
                                        recorded_by=clerk)
    audit = Audit.objects.create(year=2017, title="跟踪审计", body="audit", organ="审计局", area_id=HERE, planned_to=day,
                                 started_on=day, recorded_by=clerk)
    finding = AuditFinding.objects.create(audit=audit, kind="diversion", area_id=HERE, amount=1, description="挪用", found_on=day,
                                          deadline=day, recorded_by=clerk)
    bought = Procurement.objects.create(project=project, method="inquiry", recorded_by=clerk)
    return {"procurement": bought.pk, "publication": notice.pk, "what": "project", "audit": audit.pk, "finding": finding.pk}


def _address(route: str, things: dict) -> str:
    """The route with its parts filled in; which thing a `pk` means is told by the words before it."""
    def fill(match):
        name = match.group("name")
        words = route[:match.start()]
        if name in ("pk", "id"):
            for word, key in (("funds/appropriations", "appropriation"), ("funds/accounts", "account"),
                              ("funds/movements", "movement"), ("funds/vouchers", "voucher"), ("funds/projects", "project"),
                              ("funds/batches", "payments"), ("supervision/publications", "publication"),
                              ("supervision/audits", "audit"), ("supervision/procurements", "procurement"),
                              ("supervision/findings", "finding"),
                              ("funds/pledges", "pledge"), ("funds/investments", "investment"),
                              ("ledgers/checks", "job"), ("funds/ledgers", "export"),
                              ("reveal", "person"), ("jobs", "job"), ("imports", "batch"), ("import", "batch"),
                              ("bulletins", "bulletin"), ("runs", "run"), ("statistics", "statistic"), ("officers", "officer"),
                              ("postings", "posting")):
                if word in words:
                    return str(things[key])
            raise AssertionError(f"{route}: say here which thing {name} is")
        if name == "code" and "villages" in words:
            return things["village"]
        if name == "step":
            return "lock"
        if name in things:
            return str(things[name])
        return {"field": "id_number", "format": "json", "kind": "xlsx", "period": "2018Q3", "what": "id_number"}[name]

    return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", fill, route.replace("^", "").replace("$", "").replace("\\Z", ""))


def _method(entry) -> str:
    methods = getattr(entry.callback, "methods", ("GET",))
    return "post" if "GET" not in methods else "get"


def _ask(client, entry, address):
    return getattr(client, _method(entry))(address)


def _walk(pages, things, ask, expected) -> list[str]:
    """What does not answer as expected: route, and what came instead."""
    wrong = []
    for route, entry in pages:
        response = ask(route, entry, _address(route, things))
        if not expected(route, response):
            wrong.append(f"{route}: {response.status_code} {response.get('Location', '')}")
    return wrong


@pytest.mark.req("R331", "R337", "R338")
def test_a_visitor_is_sent_to_the_login(things):
    def to_the_login(route, response):
        if route.startswith(API):
            return response.status_code in (401, 403)
        return response.status_code == 302 and response["Location"].startswith("/accounts/login/")

    assert not _walk(PAGES, things, lambda route, entry, address: _ask(Client(), entry, address), to_the_login)


def test_every_page_names_its_right():
    silent = [route for route, entry in PAGES if not route.startswith(API) and not hasattr(entry.callback, "permission")]

    assert not silent, "these pages do not say which right they need (office.access.allow)"


def test_a_role_without_the_right_is_refused(things, client_of):
    clients = {}

    def client_without(permission):
        role = next((role for role in Role.values if permission not in ROLES[role].permissions), None)
        if role and role not in clients:
            clients[role] = client_of(role, {"village": VILLAGE, "township": HERE}.get(ROLES[role].levels[0], COUNTY))
        return clients.get(role)

    guarded = [(route, entry) for route, entry in PAGES
               if getattr(entry.callback, "permission", None) and client_without(entry.callback.permission)]

    def ask(route, entry, address):
        return _ask(client_without(entry.callback.permission), entry, address)

    assert len(guarded) > 20
    assert not _walk(guarded, things, ask, lambda route, response: response.status_code == 403)


ABOUT_OTHER_THINGS = (Permission.MANAGE_OFFICERS, Permission.MANAGE_POSTINGS, Permission.READ_TRAIL,
                      Permission.READ_PROGRAMMES, Permission.ENTER_STATISTIC)     # these know no township


@pytest.mark.req("R331")
def test_another_township_finds_nothing(things, client_of):
    clients = {}

    def client_elsewhere(permission):
        role = next(r for r in ("town_clerk", "county_office", "finance", "county_leader", "auditor", "town_leader")
                    if permission is None or permission in ROLES[r].permissions)
        if role not in clients:
            clients[role] = client_of(role, ELSEWHERE if role.startswith("town_") else OTHER_COUNTY)
        return clients[role]

    named = [(route, entry) for route, entry in PAGES
             if "<" in route and getattr(entry.callback, "permission", None) not in ABOUT_OTHER_THINGS]

    def ask(route, entry, address):
        return _ask(client_elsewhere(getattr(entry.callback, "permission", Permission.SEE_CASES)), entry, address)

    assert len(named) > 10
    assert not _walk(named, things, ask, lambda route, response: response.status_code == 404)


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_see_no_cases(role, things, client_of):
    client = client_of(role, "441424000000")

    for route, entry in PAGES:
        if getattr(entry.callback, "permission", None) == Permission.SEE_CASES:
            assert _ask(client, entry, _address(route, things)).status_code == 403, route


def test_an_officer_without_a_posting_sees_nothing(things, officer):
    somebody = officer("town_clerk", HERE)
    somebody.postings.update(ends_on="2016-12-31")
    client = Client()
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")

    for route, entry in PAGES:
        assert _ask(client, entry, _address(route, things)).status_code in (403, 404), route


def test_every_model_with_an_area_is_scoped():
    for model in apps.get_models():
        if model._meta.app_label not in ("households", "villages", "funds", "assessment") or "Historical" in model.__name__:
            continue
        if any(field.related_model is Area and not field.null for field in model._meta.concrete_fields):
            manager = model._default_manager
            assert model.__name__ == "RunChunk" or hasattr(model, "area_lookup") and isinstance(
                manager.get_queryset(), ScopedQuerySet), model

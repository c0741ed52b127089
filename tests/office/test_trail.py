"""The operation log: chained, unalterable, readable by the audit administrator alone."""
import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from office import chains, trail
from office.append_only import protect, unprotect
from office.models import AuditEvent, ChainHead, Job
from office.views.trail import shown_detail
from tests.factories import make_officer

COUNTY, TOWN = "441424000000", "441424134000"


@pytest.fixture
def auditor(client_of):
    return client_of("audit_admin", COUNTY)


@pytest.fixture
def entries(officer):
    clerk = officer("town_clerk", TOWN, name="李镇干")
    for n in range(5):
        trail.record(clerk, "查询", f"household:44142413400100{n:02d}", detail={"q": "陈"}, area=TOWN)
    return clerk


def tampered(sql, *values):
    """Change the table behind the product's back, as whoever owns the database file could."""
    table = AuditEvent._meta.db_table
    unprotect(connection, table)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(table=table), values)
    protect(connection, table)


def test_an_untouched_chain_fits(entries):
    assert trail.verify() == trail.ChainReport(AuditEvent.objects.count(), None)


def test_an_altered_entry_is_named(entries):
    second = AuditEvent.objects.order_by("sequence")[1].sequence
    tampered("UPDATE {table} SET subject = %s WHERE sequence = %s", "household:other", second)
    assert trail.verify().first_bad == second


def test_a_removed_entry_is_noticed_also_at_the_end(entries):
    last = AuditEvent.objects.order_by("-sequence").first().sequence
    tampered("DELETE FROM {table} WHERE sequence = %s", last)
    assert trail.verify().first_bad == last


@pytest.mark.parametrize("sql", ["UPDATE {table} SET action = 'x'", "DELETE FROM {table}"])
def test_the_database_itself_refuses_changes(entries, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table=AuditEvent._meta.db_table))


def test_verify_chain_keeps_its_contract(entries, command):
    total = AuditEvent.objects.count()
    assert command("verify_chain")[:2] == (0, {"entries": total, "ok": True, "first_bad": None})
    tampered("UPDATE {table} SET detail = %s WHERE sequence = 2", json.dumps({"q": "x"}))
    code, answer, _ = command("verify_chain")
    assert (code, answer["ok"], answer["first_bad"]) == (2, False, "trail:2")


def test_another_room_can_add_its_chain(entries, monkeypatch):
    monkeypatch.setattr(chains, "CHECKS", dict(chains.CHECKS))
    chains.add("ledger", lambda: trail.ChainReport(7, 3))
    found = chains.verify_all()
    assert found == {"entries": AuditEvent.objects.count() + 7, "ok": False, "first_bad": "ledger:3"}


def test_only_the_audit_administrator_reads_it(client_of, auditor):
    for role, area in (("town_clerk", TOWN), ("county_office", COUNTY), ("system_admin", COUNTY),
                       ("security_admin", COUNTY), ("auditor", COUNTY)):
        assert client_of(role, area).get(reverse("office:trail")).status_code == 403
    assert auditor.get(reverse("office:trail")).status_code == 200
    for name in ("office:officers", "office:postings", "office:statistic_new"):
        assert auditor.get(reverse(name)).status_code == 403


def test_filters_find_person_action_object_and_day(auditor, entries):
    url = reverse("office:trail")
    found = auditor.get(url, {"q": "李镇干", "action": "查询", "subject": "4414241340010003"}).context["page"].rows
    assert [event.shown_subject for event in found] == ["户 4414241340010003"]
    assert found[0].shown_detail == "查询：陈"
    assert auditor.get(url, {"since": "2999-01-01"}).context["page"].rows == []
    assert auditor.get(url, {"since": "not a day"}).status_code == 200


def test_what_an_exported_ledger_left_in_the_log_reads_in_chinese():
    assert shown_detail({"kind": "payments", "rows": 3, "masked": False, "sha256": "ab", "chain_head": "cd"}) == (
        "种类：到户补助发放；行数：3；证件号码已隐去：否；文件摘要：ab；链头：cd")


def test_pages_follow_each_other_without_gap_or_repeat(auditor, officer):
    clerk = officer("town_clerk", TOWN)
    for n in range(120):
        trail.record(clerk, "翻页", f"job:{n}", area=TOWN)
    seen, after, page = [], "", None
    while page is None or page.next:
        page = auditor.get(reverse("office:trail"), {"action": "翻页"} | ({"after": after} if after else {})).context["page"]
        seen += [event.subject for event in page]
        after = page.next
    assert seen == [f"job:{n}" for n in reversed(range(120))]
    back = auditor.get(reverse("office:trail"), {"action": "翻页", "before": page.previous}).context["page"]
    assert [event.subject for event in back] == [f"job:{n}" for n in range(69, 19, -1)]


def test_reading_the_log_is_noted_once_per_question(auditor, entries):
    auditor.get(reverse("office:trail"), {"q": "李镇干"})
    event = AuditEvent.objects.get(action="查阅操作日志")
    assert event.detail == {"q": "李镇干"}
    auditor.get(reverse("office:trail"), {"q": "李镇干", "after": "3"})
    assert AuditEvent.objects.filter(action="查阅操作日志").count() == 1


def test_entries_of_another_county_are_not_shown(auditor, entries):
    stranger = make_officer("elsewhere", "county_office", "441422000000", name="外县人")
    trail.record(stranger, "查询", area="441422000000")
    trail.record(entries, "录入统计数", "statistic:1", area="440000000000")
    body = auditor.get(reverse("office:trail")).content.decode()
    assert "外县人" not in body
    assert "录入统计数" in body, "what a person of the county does for the province is shown"


def test_the_button_verifies_in_the_background(auditor, entries, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = auditor.post(reverse("office:trail_verify"))
    assert answer.url == reverse("office:trail")
    job = Job.objects.get(owner=auditor.officer)
    assert (job.state, job.result["ok"]) == (Job.State.DONE, True)
    assert "逐条相符" in auditor.get(reverse("office:trail")).content.decode()


@pytest.mark.django_db
def test_the_head_moves_with_every_entry():
    trail.record(None, "系统启动")
    head = ChainHead.objects.get(name="trail")
    event = AuditEvent.objects.order_by("-sequence").first()
    assert (head.sequence, head.digest) == (event.sequence, event.digest)
    assert event.officer_name == "系统"


@pytest.mark.django_db
def test_entries_removed_together_with_the_head_are_missed(entries):
    unprotect(connection, "office_auditevent")
    last = AuditEvent.objects.count()
    AuditEvent.objects.filter(sequence=last).delete()
    ChainHead.objects.filter(name="trail").delete()
    protect(connection, "office_auditevent")
    assert trail.verify().first_bad == last


def test_strangers_are_led_to_the_login():
    assert Client().post(reverse("office:trail_verify")).status_code == 302


def test_the_command_works_on_an_empty_trail(db, capsys):
    call_command("verify_chain")
    assert json.loads(capsys.readouterr().out.strip().splitlines()[-1]) == {"entries": 0, "ok": True, "first_bad": None}

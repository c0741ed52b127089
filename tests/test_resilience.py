"""What the product stands on goes away, fills up, dies or says things twice: nothing is lost, nothing is half done."""
import errno
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessment import engine, tasks
from assessment.models import AreaSummary, Bulletin, Result, Run, RunChunk
from households.exporter import export_register
from households.models import HouseholdYear, ImportBatch
from office import jobs
from office.models import Area, Job, Programme
from office.sql import InsertSelect
from tests.factories import make_household
from tests.households.workbook import build, household, member
from tests.office.workbooks.builders import packed, parts

TOWN, COUNTY = "441424134000", "441424000000"
FULL = OSError(errno.ENOSPC, "No space left on device")
DTD = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def villages(count: int) -> list[str]:
    """Villages of as many different townships of 五华县."""
    first = {}
    for code in Area.objects.filter(level="village", code__startswith=COUNTY[:6]).order_by("code").values_list("code", flat=True):
        first.setdefault(code[:9], code)
    return list(first.values())[:count]


def prepared(townships: int) -> Run:
    for village in villages(townships):
        make_household(village, wage_income=9000, members=[{}, {}])
    return engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018)


def refuse(error):
    def fail(*args, **kwargs):
        raise error
    return fail


# --- Workers

@pytest.fixture
def several_at_once(committed_db):
    """several_at_once(work): the same work in three threads that start together, each with its own connection."""
    if connection.vendor != "postgresql":
        pytest.skip("in tests SQLite lives in memory, where threads cannot wait for each other")

    def run(work, count=3):
        start, failures = threading.Barrier(count), []

        def one():
            try:
                start.wait(20)
                work()
            except Exception as error:
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failures

    return run


def test_a_job_delivered_several_times_at_once_is_done_once(several_at_once):
    job = Job.objects.create(task="some.task", title="一次")
    done = []

    several_at_once(lambda: jobs.run(job.pk, lambda claimed: done.append(claimed.pk) or time.sleep(0.1) or {}))

    job.refresh_from_db()
    assert (done, job.state, job.attempts) == ([job.pk], Job.State.DONE, 1)


def test_workers_that_share_a_run_judge_every_household_once(several_at_once):
    run = prepared(townships=8)
    counted = []

    def work():
        own = Run.objects.get(pk=run.pk)
        engine.work(own, lambda done, total, area: counted.append((threading.get_ident(), area)) or time.sleep(0.02))
        while not engine.finish(own):
            time.sleep(0.02)

    several_at_once(work)

    run.refresh_from_db()
    assert (run.state, run.counts["households"]["assessed"]) == (Run.State.DONE, 8)
    assert Result.objects.filter(run=run).count() == 8
    assert AreaSummary.objects.filter(run=run, area_id=COUNTY).count() == 1
    assert len({area for _, area in counted}) == len(counted) == 8
    assert len({worker for worker, _ in counted}) > 1


@pytest.mark.django_db
def test_the_job_of_a_killed_worker_is_taken_up_and_finished(client_of, monkeypatch, django_capture_on_commit_callbacks):
    for village in villages(3):
        make_household(village, wage_income=9000)
    office = client_of("county_office", COUNTY)
    executed, execute = [], InsertSelect.execute

    def killed_in_the_second_township(self, own=None):
        execute(self, own)
        executed.append(self)
        if len(executed) == 4:
            raise KeyboardInterrupt     # not an error that anybody handles: the process is gone

    with django_capture_on_commit_callbacks():
        job = tasks.submit_run(programme=Programme.objects.get(pk="MZ2016"), year=2018, area=Area.objects.get(pk=COUNTY),
                               basis="actual", by=office.officer)
    with monkeypatch.context() as patch:
        patch.setattr(InsertSelect, "execute", killed_in_the_second_township)
        with pytest.raises(KeyboardInterrupt):
            tasks.assess(job.pk)

    assert RunChunk.objects.filter(done=True).count() == Result.objects.count() == 1, "the second one left nothing"
    assert not Run.objects.finished().exists()
    assert jobs.send_waiting() == 0, "it may only be slow"
    Job.objects.update(heartbeat_at=timezone.now() - jobs.STALE_AFTER - timedelta(seconds=1))
    assert jobs.send_waiting() == 1

    job.refresh_from_db()
    assert (job.state, job.attempts, Result.objects.count()) == (Job.State.DONE, 2, 3)
    assert Run.objects.finished().get().counts["households"]["assessed"] == 3
    assert office.get(job.link).status_code == 200


@pytest.mark.django_db
def test_a_job_that_kills_every_worker_is_given_up_with_a_sentence():
    job = Job.objects.create(task="some.task", title="有毒", attempts=jobs.ATTEMPTS)

    jobs.run(job.pk, lambda claimed: pytest.fail("it must not be tried for ever"))

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "系统管理员" in job.error


# --- Broker and database

REDIS = (settings.CELERY_BROKER_TRANSPORT_OPTIONS if settings.CELERY_BROKER_URL.startswith("redis")
         else {"socket_connect_timeout": 3, "max_retries": 1, "interval_start": 0})


def broker_that_is_away(url: str, **options) -> Celery:
    """The application as it is configured, but nobody answers at its broker."""
    away = Celery("away", set_as_current=False)
    away.config_from_object("django.conf:settings", namespace="CELERY")
    away.conf.update(broker_url=url, broker_transport_options=options, task_always_eager=False)
    return away


@pytest.mark.parametrize(("url", "options"), [
    ("redis://127.0.0.1:1/0", REDIS),
    ("filesystem://", dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), "/dev/null/queue")),
], ids=["redis", "folder"])
@pytest.mark.django_db
def test_without_a_broker_pages_answer_and_jobs_wait(url, options, client_of, monkeypatch,
                                                     django_capture_on_commit_callbacks):
    make_household(wage_income=9000)
    office = client_of("county_office", COUNTY)
    started = time.monotonic()
    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(jobs, "current_app", broker_that_is_away(url, **options))
        answer = office.post(reverse("assessment:run_new"), {"programme": "MZ2016", "year": 2018, "basis": "actual",
                                                             "area": COUNTY})
    job = Job.objects.get()
    assert time.monotonic() - started < 5, "nobody waits for an absent broker"
    assert (answer.status_code, answer["Location"]) == (302, reverse("office:job", args=[job.pk]))
    assert "等待空闲的处理程序" in office.get(answer["Location"]).content.decode()
    assert job.state == Job.State.QUEUED

    assert jobs.send_waiting(timezone.now() + timedelta(minutes=2)) == 1

    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert Run.objects.finished().count() == 1


@pytest.mark.django_db
def test_without_the_database_every_page_says_so(client_of, monkeypatch):
    office = client_of("county_office", COUNTY)
    office.raise_request_exception = False
    visitor = Client(raise_request_exception=False)
    with monkeypatch.context() as patch:
        patch.setattr(type(connections["default"]), "cursor", refuse(OperationalError("connection refused")))
        answers = [office.get("/"), office.get("/households/"), office.post(reverse("households:import_new"), {}),
                   visitor.post(reverse("account_login"), {"login": "somebody", "password": "x"})]
        health = visitor.get("/healthz")

    for answer in answers:
        page = answer.content.decode()
        assert answer.status_code == 503
        assert "数据库暂时连接不上" in page
        assert "请" in page
        assert "connection refused" not in page
    assert (health.status_code, health.json()["database"]) == (503, "away")
    assert office.get("/households/").status_code == 200, "and all is well when it is back"


# --- Uploads

HOSTILE = {
    "encrypted": (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "old": (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "Workbook".encode("utf-16-le"), "旧版"),
    "page": (b"<html><script>alert(1)</script></html>", "不是 .xlsx"),
    "cut off": (packed(parts())[:-40], "损坏"),
    "macros": (packed(parts() | {"xl/vbaProject.bin": "x"}), "宏"),
    "entities": (packed(parts() | {"xl/sharedStrings.xml": DTD + "<sst>&x;</sst>"}), "DTD"),
    "bomb": (packed(parts() | {"xl/worksheets/sheet2.xml": b"\0" * 60_000_000}), "请"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.django_db
def test_hostile_files_are_turned_away_with_a_sentence(kind, client_of):
    content, word = HOSTILE[kind]
    clerk = client_of("town_clerk", TOWN)

    answer = clerk.post(reverse("households:import_new"),
                        {"programme": "MZ2016", "file": SimpleUploadedFile("登记表.xlsx", content)})

    sentence = answer.context["form"].errors["file"][0]
    assert answer.status_code == 200
    assert word in sentence
    assert sentence in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not Job.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.fixture
def clerk(client_of):
    return client_of("town_clerk", TOWN)


@pytest.fixture
def hand_in(clerk, tmp_path, django_capture_on_commit_callbacks):
    def send():
        path = build(tmp_path / "a.xlsx", [household()], [member()])
        with django_capture_on_commit_callbacks(execute=True):
            return clerk.post(reverse("households:import_new"), {
                "programme": "MZ2016", "file": SimpleUploadedFile("登记表.xlsx", path.read_bytes())})
    return send


# --- The disk is full

def test_a_full_disk_takes_no_upload(hand_in, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("households.actions._keep", refuse(FULL))
        answer = hand_in()

    assert "磁盘已满" in answer.context["form"].errors["file"][0]
    assert not ImportBatch.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert hand_in().status_code == 302


def test_a_check_that_finds_the_disk_full_can_be_repeated(hand_in, clerk, monkeypatch, django_capture_on_commit_callbacks):
    with monkeypatch.context() as patch:
        patch.setattr("households.importer.run.mark", refuse(FULL))
        page = clerk.get(hand_in()["Location"]).content.decode()
    assert "磁盘已满" in page
    assert "重新执行" in page

    batch = ImportBatch.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(reverse("households:import_retry", args=[batch.pk]))
    batch.refresh_from_db()
    assert (batch.state, batch.counts["households"]["created"]) == ("checked", 1)


def test_writing_that_finds_the_disk_full_says_what_is_in(hand_in, clerk, monkeypatch, django_capture_on_commit_callbacks):
    hand_in()
    batch = ImportBatch.objects.get()

    def press(what):
        with django_capture_on_commit_callbacks(execute=True):
            clerk.post(reverse(f"households:import_{what}", args=[batch.pk]))
        batch.refresh_from_db()

    with monkeypatch.context() as patch:
        patch.setattr("office.history._keep_history", refuse(OperationalError("database or disk is full")))
        press("apply")
    assert not HouseholdYear.objects.exists()
    assert "未作任何改动" in clerk.get(batch.get_absolute_url()).content.decode()

    press("apply")
    assert batch.state == "applied"
    assert HouseholdYear.objects.get().history.count() == 1


def test_a_bulletin_that_finds_the_disk_full_is_not_there(client_of, monkeypatch, django_capture_on_commit_callbacks):
    make_household(wage_income=9000, members=[{}, {}])
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018, area=Area.objects.get(pk=COUNTY))
    engine.execute(run)
    office = client_of("county_office", COUNTY)
    monkeypatch.setattr("assessment.bulletin.actions._store", refuse(FULL))

    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(reverse("assessment:bulletin_new"), {"area": COUNTY, "period": "2018Q4", "programme": "MZ2016"})

    assert "磁盘已满" in office.get(answer["Location"]).content.decode()
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize("error", [FULL, OperationalError("database or disk is full")], ids=["files", "database"])
def test_an_export_that_finds_the_disk_full_leaves_no_file(error, clerk, monkeypatch, django_capture_on_commit_callbacks):
    make_household(wage_income=9000, members=[{}])
    monkeypatch.setattr("households.exporter.os.replace", refuse(error))

    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post(reverse("households:export_new"), {
            "programme": "MZ2016", "year": 2018, "area": TOWN, "reason": "核对名单"})

    assert "磁盘已满" in clerk.get(answer["Location"]).content.decode()
    assert Job.objects.get().state == Job.State.FAILED
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


# --- Long work outside a test's own transaction

def test_an_export_notes_its_progress_and_can_be_stopped(committed_db, tmp_path):
    """On PostgreSQL the reading transaction refuses every write, and the progress is one."""
    make_household(wage_income=9000, members=[{}, {}])
    job = Job.objects.create(task="some.task", title="导出", state=Job.State.RUNNING)
    mz = Programme.objects.get(pk="MZ2016")

    def note(done, total, message):
        jobs.progress(job, done, total, message)

    counts = export_register(mz, 2018, TOWN, tmp_path / "a.xlsx", progress=note)
    job.refresh_from_db()
    assert (counts["households"], counts["members"], job.message) == (1, 2, "导出")
    assert job.done == job.total == 3

    jobs.cancel(job)
    with pytest.raises(jobs.Cancelled):
        export_register(mz, 2018, TOWN, tmp_path / "b.xlsx", progress=note)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]

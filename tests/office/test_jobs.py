"""Long work as the person sees it: list, progress, cancelling, the file; and as a worker does it."""
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from office import jobs
from office.models import AuditEvent, Job

TOWN = "441424134000"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def client(client_of):
    return client_of("town_clerk", TOWN)


@pytest.fixture
def job(client):
    return Job.objects.create(task="some.task", title="导入登记表", owner=client.officer, state=Job.State.RUNNING,
                              done=30, total=120, message="正在检查")


def test_the_own_jobs_are_listed_and_filtered(client, job, officer):
    Job.objects.create(task="some.task", title="别人的任务", owner=officer("town_clerk", TOWN))
    body = client.get(reverse("office:jobs")).content.decode()
    assert "导入登记表" in body
    assert "25%" in body
    assert "别人的任务" not in body
    assert client.get(reverse("office:jobs"), {"state": "failed"}).context["page"].rows == []


def test_the_facts_of_a_job_follow_its_progress_on_its_own_page_only(client, job):
    url = reverse("office:job", args=[job.pk])
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now(), heartbeat_at=timezone.now())
    own = client.get(url, headers=SCRIPT | {"HX-Current-URL": f"http://testserver{url}"}).content.decode()
    elsewhere = client.get(url, headers=SCRIPT | {"HX-Current-URL": "http://testserver/runs/"}).content.decode()
    assert 'id="job-facts" hx-swap-oob="true"' in own
    assert "job-facts" not in elsewhere


def test_a_page_that_tells_the_outcome_itself_is_loaded_again(client, job):
    url, there = reverse("office:job", args=[job.pk]), SCRIPT | {"HX-Current-URL": "http://testserver/office/trail/"}
    assert "HX-Refresh" not in client.get(url, headers=there)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert client.get(url, headers=there)["HX-Refresh"] == "true"
    Job.objects.filter(pk=job.pk).update(link="/runs/1/")
    assert "HX-Refresh" not in client.get(url, headers=there)


def test_a_job_that_is_not_heard_of_says_that_nothing_needs_to_be_sent_again(client, job):
    url = reverse("office:job", args=[job.pk])
    said = "不用重新提交"
    assert said not in client.get(url).content.decode()
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=90))
    assert said in client.get(url).content.decode()


def test_work_of_the_schedule_is_shown_for_the_own_area(client):
    Job.objects.create(task="some.task", title="夜间重算", area_id="441424134001")
    Job.objects.create(task="some.task", title="别镇重算", area_id="441424103000")
    body = client.get(reverse("office:jobs")).content.decode()
    assert "夜间重算" in body
    assert "别镇重算" not in body


def test_a_page_and_its_polled_part(client, job):
    url = reverse("office:job", args=[job.pk])
    page, part = client.get(url).content.decode(), client.get(url, headers=SCRIPT).content.decode()
    assert "<html" in page
    assert "<html" not in part
    assert f'hx-get="{url}"' in part
    assert "正在检查" in part
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, link="/households/")
    done = client.get(url, headers=SCRIPT).content.decode()
    assert "hx-trigger" not in done, "polling ends by itself"
    assert 'href="/households/"' in done


def test_jobs_of_others_are_not_found(client, officer):
    other = Job.objects.create(task="some.task", title="别人的任务", owner=officer("town_clerk", TOWN), file="a.xlsx")
    assert client.get(reverse("office:job", args=[other.pk])).status_code == 404
    assert client.get(reverse("office:job_file", args=[other.pk])).status_code == 404
    assert client.post(reverse("office:job_cancel", args=[other.pk])).status_code == 404


def test_a_waiting_job_stops_at_once_a_running_one_at_its_next_step(client, job):
    waiting = Job.objects.create(task="some.task", title="等待", owner=client.officer)
    client.post(reverse("office:job_cancel", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert waiting.state == Job.State.CANCELLED
    part = client.post(reverse("office:job_cancel", args=[job.pk]), headers=SCRIPT).content.decode()
    assert "正在停下来" in part
    job.refresh_from_db()
    with pytest.raises(jobs.Cancelled):
        jobs.progress(job, 31, 120)
    assert AuditEvent.objects.filter(action="取消任务").count() == 2


def test_a_file_is_given_to_its_owner_and_noted(client, job, settings):
    Path(settings.MEDIA_ROOT, "exports").mkdir(parents=True)
    Path(settings.MEDIA_ROOT, "exports", "登记表.xlsx").write_bytes(b"content")
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, file="exports/登记表.xlsx")
    answer = client.get(reverse("office:job_file", args=[job.pk]))
    assert b"".join(answer.streaming_content) == b"content"
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action="下载文件").count() == 1


@pytest.mark.parametrize("path", ["../keys.json", "/etc/passwd", "exports/../../keys.json", "gone.xlsx"])
def test_nothing_outside_the_files_is_given(client, job, settings, path):
    Path(settings.MEDIA_ROOT).parent.joinpath("keys.json").write_text("secret")
    Job.objects.filter(pk=job.pk).update(file=path)
    assert client.get(reverse("office:job_file", args=[job.pk])).status_code == 404


def test_the_badge_counts_and_ends(client, job):
    running = client.get(reverse("office:jobs_badge"), headers=SCRIPT).content.decode()
    assert "1 个任务进行中" in running
    assert "every 5s" in running
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert "every 5s" not in client.get(reverse("office:jobs_badge"), headers=SCRIPT).content.decode()


def test_two_deliveries_do_the_work_once(job):
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    done = []
    for _ in range(2):
        jobs.run(job.pk, lambda claimed: done.append(claimed.pk) or {"rows": 1})
    job.refresh_from_db()
    assert (done, job.state, job.result) == ([job.pk], Job.State.DONE, {"rows": 1})


def test_a_job_whose_worker_died_is_taken_again(job):
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now())
    assert jobs.claim(job.pk) is None
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - jobs.STALE_AFTER - timedelta(seconds=1))
    assert jobs.claim(job.pk).attempts == 1


def test_failures_end_with_a_sentence(job):
    def refuse(claimed):
        raise jobs.JobFailed("缺少2018年统计数")

    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    jobs.run(job.pk, refuse)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "缺少2018年统计数")
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    jobs.run(job.pk, lambda claimed: 1 / 0)
    job.refresh_from_db()
    assert "程序内部错误" in job.error
    assert "ZeroDivision" not in job.error


class Queue:
    """Stands in for the queue: away until it is back, then remembers what it was sent."""

    def __init__(self):
        self.conf = SimpleNamespace(task_always_eager=False)
        self.back, self.sent = False, []

    def send_task(self, task, args):
        if not self.back:
            raise ConnectionError("broker away")
        self.sent.append((task, args))


@pytest.mark.django_db
def test_without_a_broker_the_job_waits_and_is_sent_later(monkeypatch, django_capture_on_commit_callbacks):
    queue = Queue()
    monkeypatch.setattr(jobs, "current_app", queue)
    with django_capture_on_commit_callbacks(execute=True):
        waiting = jobs.submit("some.task", "等待")
    assert Job.objects.get(pk=waiting.pk).state == Job.State.QUEUED
    queue.back = True
    assert jobs.send_waiting(timezone.now() + timedelta(minutes=2)) == 1
    assert queue.sent == [("some.task", [waiting.pk])]

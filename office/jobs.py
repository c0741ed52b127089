"""Long work: a row in the database is the truth, the queue only wakes a worker up.

A job may be delivered twice, its worker may be killed, the broker may be away; `claim` lets exactly one worker in,
the heartbeat tells a dead worker from a slow one, and the schedule sends waiting jobs again.
"""
import logging
from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from office.models import Job
from office.shortages import database_is_away, disk_is_full

log = logging.getLogger(__name__)
STALE_AFTER = timedelta(minutes=2)   # a living worker beats at least every progress step, at most 30 s apart
ATTEMPTS = 5


class Cancelled(Exception):
    """The owner asked to stop; raised at the next progress step."""


class JobFailed(Exception):
    """A failure with a sentence for the user; anything else is reported as an internal error."""


def submit(task: str, title: str, *, owner=None, area=None, **parameters) -> Job:
    """Store a job and send it once the transaction is through; without a broker it waits for the schedule."""
    job = Job.objects.create(task=task, title=title, owner=owner, area=area, parameters=parameters)
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> bool:
    """Hand the job to the queue. False when the broker is away: the job stays queued and is sent again later."""
    try:
        current_app.send_task(job.task, args=[job.pk]) if not current_app.conf.task_always_eager else \
            current_app.tasks[job.task].apply(args=[job.pk], throw=False)
    except Exception as error:  # kombu raises the transport's own error classes here
        log.warning("job %s waits, the broker is away: %s", job.pk, error)
        return False
    return True


def claim(job_id: int) -> Job | None:
    """Take the job, if it is still to be done: one statement, so two deliveries cannot both win."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, heartbeat_at__lt=now - STALE_AFTER)
    taken = Job.objects.filter(free, pk=job_id).update(
        state=Job.State.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1)
    return Job.objects.get(pk=job_id) if taken else None


def progress(job: Job | None, done: int, total: int, message: str = "") -> None:
    """Note how far the work is; raises Cancelled when the owner asked to stop. No job (a command): nothing to note."""
    if job is None:
        return
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        done=done, total=total, message=message[:200], heartbeat_at=timezone.now())
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise Cancelled


def run(job_id: int, work: Callable[[Job], dict]) -> None:
    """Claim the job and do `work(job)`, which returns the result (may hold "link" and "file")."""
    job = claim(job_id)
    if job is None:
        return
    if job.attempts > ATTEMPTS:
        _finish(job, Job.State.FAILED, error="多次执行均未完成，已停止；请联系系统管理员查看日志")
        return
    try:
        result = work(job)
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except JobFailed as error:
        _finish(job, Job.State.FAILED, error=str(error))
    except Exception as error:
        log.exception("job %s (%s) failed", job.pk, job.task)
        _finish(job, Job.State.FAILED, error=_sentence(error, job))
    else:
        _finish(job, Job.State.DONE, result=result)


def _sentence(error: Exception, job: Job) -> str:
    """What the owner reads about a failure that the work itself did not foresee."""
    if disk_is_full(error):
        return f"服务器磁盘已满，任务没有完成；请系统管理员清理磁盘后重新执行（任务编号 {job.pk}）"
    if database_is_away(error):
        return f"数据库中断，任务没有完成；请稍后重新执行，如仍不行，请把任务编号 {job.pk} 告诉系统管理员"
    return f"程序内部错误，任务未完成，数据没有部分写入；请把编号 {job.pk} 告诉系统管理员"


def _finish(job: Job, state: str, *, result: dict | None = None, error: str = "") -> None:
    result = dict(result or {})
    Job.objects.filter(pk=job.pk).update(
        state=state, finished_at=timezone.now(), error=error, link=result.pop("link", ""), file=result.pop("file", ""),
        result=result, **({"done": F("total")} if state == Job.State.DONE else {}))


def cancel(job: Job) -> bool:
    """Stop a job: a waiting one at once, a running one at its next step."""
    if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
            state=Job.State.CANCELLED, finished_at=timezone.now()):
        return True
    return bool(Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_requested=True))


def send_waiting(now=None) -> int:
    """Send again what waits for longer than a minute or lost its worker. Safe: `claim` lets only one worker in."""
    now = now or timezone.now()
    waiting = Job.objects.filter(
        Q(state=Job.State.QUEUED, created_at__lt=now - timedelta(minutes=1))
        | Q(state=Job.State.RUNNING, heartbeat_at__lt=now - STALE_AFTER))
    return sum(send(job) for job in waiting.order_by("pk")[:200])

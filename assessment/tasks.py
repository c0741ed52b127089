"""Tasks of the assessment: a run shared by all workers, the nightly round, what a new figure calls for."""
import time

from celery import current_app, shared_task
from django.db import close_old_connections

from assessment import actions, engine
from assessment.models import Run
from office import jobs
from office.mandate import MissingStatistic
from office.models import Area, Programme, Statistic

TOGETHER = 4     # messages sent to other workers; those that find nothing to do end at once


def submit_run(*, programme: Programme, year: int, area: Area, basis: str, known_by=None, by=None, reason: str = ""):
    """Queue a run as a job; the schedule's own jobs have no owner and belong to the area."""
    return jobs.submit(
        "assessment.tasks.assess", f"{programme.key} {year}年考核计算（{area.name}）", owner=by, area=area,
        programme=programme.key, year=year, code=area.code, basis=basis, reason=reason,
        known_by=known_by.isoformat() if known_by else None)


@shared_task(name="assessment.tasks.assess")
def assess(job_id: int) -> None:
    """Execute the job: prepare the run, call other workers to help, compute, finish."""
    jobs.run(job_id, _assess)


def _assess(job) -> dict:
    asked = job.parameters
    run = Run.objects.filter(job=job).select_related("programme", "area").first()
    if run is None:
        try:
            run = engine.prepare(
                programme=Programme.objects.select_related("area").get(pk=asked["programme"]), year=asked["year"],
                area=Area.objects.get(pk=asked["code"]), basis=asked["basis"], by=job.owner, reason=asked["reason"],
                known_by=engine.day(asked["known_by"]), job=job)
        except (MissingStatistic, engine.CannotAssess) as error:
            raise jobs.JobFailed(str(error)) from error
    total = run.chunks.count()
    call_others(run, min(TOGETHER, total - 1))
    while True:
        engine.work(run, lambda done, _, name: jobs.progress(job, done, total, f"正在计算：{name}"))
        if engine.finish(run):
            return {"link": run.get_absolute_url(), "run": run.pk}
        jobs.progress(job, run.chunks.filter(done=True).count(), total, "等待其他进程完成")
        time.sleep(0.3)


def call_others(run: Run, count: int) -> None:
    """Ask other workers to take townships; without a broker this worker does them all."""
    if current_app.conf.task_always_eager:
        return
    for _ in range(max(0, count)):
        try:
            help_with.delay(run.pk)
        except Exception:  # the transport's own error classes: the broker is away, so nobody can help
            return


@shared_task(name="assessment.tasks.help_with", ignore_result=True)
def help_with(run_id: int) -> None:
    """Take townships of a run until none is left."""
    close_old_connections()
    run = Run.objects.select_related("programme", "area").filter(pk=run_id, state=Run.State.RUNNING).first()
    if run is not None:
        engine.work(run)


@shared_task(name="assessment.tasks.recompute_changed")
def recompute_changed() -> None:
    """Nightly: a run for every year whose register or rules changed since its last run."""
    for programme, year, basis, area in list(actions.runs_due_after_changes()):
        submit_run(programme=programme, year=year, area=area, basis=basis, reason="夜间重算：数据有变化")


@shared_task(name="assessment.tasks.recompute_after_statistic")
def recompute_after_statistic(job_id: int) -> None:
    """A job whose parameter `statistic` names the new figure: queue every run that rests on it."""
    jobs.run(job_id, _after_statistic)


def _after_statistic(job) -> dict:
    statistic = Statistic.objects.get(pk=job.parameters["statistic"])
    due = list(actions.runs_due_after_statistic(statistic))
    for programme, year, basis, area in due:
        submit_run(programme=programme, year=year, area=area, basis=basis, by=job.owner,
                   reason=f"统计数更新：{statistic}")
    return {"runs": len(due)}

"""Tasks of the assessment: a run shared by all workers, the nightly round, what a new figure calls for."""
import datetime
import time

from celery import current_app, shared_task
from django.core.exceptions import ValidationError
from django.db import close_old_connections
from django.urls import reverse
from django.utils import timezone

from assessment import actions, engine
from assessment.bulletin import actions as bulletin_actions
from assessment.bulletin.compose import CannotCompose, Terms
from assessment.models import Bulletin, Run
from office import jobs, trail
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


def submit_draft(*, run: Run, area: Area, period: str, by=None, terms: Terms | None = None, issuer: str = "",
                 corrects: Bulletin | None = None):
    """Queue the drafting of a bulletin; drafts of the schedule have no owner and belong to the area."""
    dates = {name: day.isoformat() for name, day in vars(terms).items()} if terms else None
    return jobs.submit(
        "assessment.tasks.render_bulletin", f"起草{area.name}{period}通报（第{run.pk}次计算）", owner=by, area=area,
        run=run.pk, code=area.code, period=period, terms=dates, issuer=issuer, corrects=corrects.pk if corrects else None)


def submit_issue(bulletin: Bulletin, *, number: str, on: datetime.date, by):
    """Queue the issue of a draft under its number."""
    return jobs.submit("assessment.tasks.render_bulletin", f"印发通报 {number}", owner=by, area=bulletin.area,
                       bulletin=bulletin.pk, number=number, on=on.isoformat())


@shared_task(name="assessment.tasks.render_bulletin")
def render_bulletin(job_id: int) -> None:
    """Execute the job: draft a bulletin of a run, or issue a draft under a number."""
    jobs.run(job_id, lambda job: (_issue_bulletin if "bulletin" in job.parameters else _draft_bulletin)(job))


def _draft_bulletin(job) -> dict:
    kept = Bulletin.objects.filter(job=job).first()     # delivered twice: what is there is the result
    if kept is None:
        asked = job.parameters
        jobs.progress(job, 0, 2, "正在成文和排版")
        terms = asked["terms"] and Terms(**{name: engine.day(day) for name, day in asked["terms"].items()})
        try:
            made = bulletin_actions.make(
                Run.objects.finished().select_related("programme", "area").get(pk=asked["run"]),
                Area.objects.select_related("parent").get(pk=asked["code"]), asked["period"], terms=terms or None,
                issuer=asked["issuer"], corrects=Bulletin.objects.filter(pk=asked["corrects"]).first())
        except CannotCompose as error:
            raise jobs.JobFailed(str(error)) from error
        jobs.progress(job, 1, 2, "正在保存")
        kept = bulletin_actions.keep(made, by=job.owner, job=job)
        trail.record(job.owner, "起草通报", f"bulletin:{kept.pk}", area=kept.area_id,
                     detail={"run": kept.run_id, "period": kept.period, "sha256": kept.sha256})
    return {"link": reverse("assessment:bulletin", args=[kept.pk]), "bulletin": kept.pk}


def _issue_bulletin(job) -> dict:
    asked = job.parameters
    bulletin = Bulletin.objects.select_related("run", "area").get(pk=asked["bulletin"])
    if (bulletin.state, bulletin.number) != (Bulletin.State.ISSUED, asked["number"]):
        jobs.progress(job, 0, 1, "正在编号和排版")
        try:
            bulletin_actions.issue(bulletin, number=asked["number"], on=engine.day(asked["on"]), by=job.owner)
        except ValidationError as error:
            raise jobs.JobFailed("；".join(error.messages)) from error
    return {"link": reverse("assessment:bulletin", args=[bulletin.pk]), "bulletin": bulletin.pk}


@shared_task(name="assessment.tasks.draft_bulletins")
def draft_bulletins(today: str | None = None) -> None:
    """On the first day of a quarter: queue drafts of the quarter that ended, where there are none yet."""
    for run, area, period in list(bulletin_actions.drafts_due(engine.day(today) or timezone.localdate())):
        submit_draft(run=run, area=area, period=period)

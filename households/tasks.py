"""Long work of the register: checking and writing uploads, exporting."""
import time

from celery import shared_task

from households import actions
from households.exporter import ExportRefused, export_register
from households.models import ImportBatch
from office import jobs, trail
from office.models import Job, Programme
from office.workbooks import WorkbookRefused

CHECK, APPLY, EXPORT = (f"households.tasks.{name}" for name in ("check_workbook", "apply_workbook", "export_workbook"))
BEAT_SECONDS = 1.0


def submit_check(batch: ImportBatch) -> Job:
    return _submit(batch, CHECK, "检查")


def submit_apply(batch: ImportBatch) -> Job:
    return _submit(batch, APPLY, "写入")


def _submit(batch: ImportBatch, task: str, verb: str) -> Job:
    """The upload knows its job before the job can start, since it is sent when the transaction is through."""
    job = jobs.submit(task, f"{verb}登记表 {batch.file_name}"[:120], owner=batch.owner, area=batch.area, batch=batch.pk)
    ImportBatch.objects.filter(pk=batch.pk).update(job=job)
    return job


class Beat:
    """Progress of a job at most once a second: each note is a write to the database."""

    def __init__(self, job: Job) -> None:
        self.job, self._last = job, 0.0

    def __call__(self, done: int, total: int, message: str) -> None:
        now = time.monotonic()
        if now - self._last >= BEAT_SECONDS:
            self._last = now
            jobs.progress(self.job, done, total, message)


@shared_task(name=CHECK)
def check_workbook(job_id: int) -> None:
    jobs.run(job_id, lambda job: _with_batch(job, actions.check))


@shared_task(name=APPLY)
def apply_workbook(job_id: int) -> None:
    jobs.run(job_id, lambda job: _with_batch(job, actions.apply))


def _with_batch(job: Job, work) -> dict:
    batch = ImportBatch.objects.select_related("programme", "area", "owner").get(pk=job.parameters["batch"])
    work(batch, Beat(job))
    batch.refresh_from_db()
    if batch.message:
        raise jobs.JobFailed(batch.message)
    return {"link": batch.get_absolute_url(), "counts": batch.counts}


@shared_task(name=EXPORT)
def export_workbook(job_id: int) -> None:
    jobs.run(job_id, _export)


def _export(job: Job) -> dict:
    asked = job.parameters
    programme = Programme.objects.get(pk=asked["programme"])
    relative = f"exports/{job.pk}/登记表_{programme.pk}_{asked['year']}_{job.area.name}.xlsx"
    path = actions.path_of(relative)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    try:
        counts = export_register(programme, asked["year"], job.area_id, path, progress=Beat(job))
    except (ExportRefused, WorkbookRefused) as refused:
        raise jobs.JobFailed(str(refused)) from refused
    path.chmod(0o600)
    trail.record(job.owner, "导出登记数据", f"job:{job.pk}", area=job.area_id, detail={
        "programme": programme.pk, "year": asked["year"], "reason": asked["reason"], **counts})
    return {"file": relative, "counts": counts}

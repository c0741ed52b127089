"""Tasks of the floor."""
from celery import shared_task

from office import jobs, trail

VERIFY_TRAIL = "office.tasks.verify_trail"


@shared_task
def send_waiting_jobs() -> None:
    """Jobs whose message or worker was lost are sent again."""
    jobs.send_waiting()


@shared_task
def verify_trail(job_id: int) -> None:
    """Recompute the chain of the audit trail and note the outcome with the job."""
    jobs.run(job_id, _verify_trail)


def _verify_trail(job) -> dict:
    report = trail.verify(lambda done, total: jobs.progress(job, done, total, "正在逐条核对"))
    trail.record(job.owner, "操作日志验证结果", f"job:{job.pk}", detail={
        "entries": report.entries, "ok": report.ok, "first_bad": report.first_bad})
    return {"entries": report.entries, "ok": report.ok, "first_bad": report.first_bad}

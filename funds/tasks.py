"""Long work of the money: making and checking a list of payments, paying it, writing and checking ledger workbooks."""
import datetime
import time

from celery import shared_task
from django.urls import reverse

from funds import chain, payment_lists, payments
from funds.ledger import Refused
from funds.ledgers import checking, orders, sweeping
from funds.ledgers.export import ExportRefused, export
from funds.models import ExportRecord, PaymentBatch
from funds.states import ExportState
from office import jobs, trail
from office.models import Job, Officer
from office.workbooks import WorkbookRefused

LIST, PAY = "funds.tasks.make_list", "funds.tasks.pay_list"
WRITE, CHECK, VERIFY = "funds.tasks.write_ledger", "funds.tasks.check_ledger", "funds.tasks.verify_ledger"
BEAT_SECONDS = 1.0


def submit_list(batch: PaymentBatch, by: Officer) -> Job:
    """Queue the making and checking of a list."""
    return _submit(batch, LIST, "编制名单", by)


def submit_payment(batch: PaymentBatch, by: Officer, on: datetime.date) -> Job:
    """Queue the payment of an approved list."""
    return _submit(batch, PAY, "发放", by, on=on.isoformat())


def _submit(batch: PaymentBatch, task: str, verb: str, by: Officer, **parameters) -> Job:
    """The batch knows its job before the job can start, since it is sent when the transaction is through."""
    job = jobs.submit(task, f"{verb} {batch.number} {batch.item}"[:120], owner=by, area=batch.area, batch=batch.pk, **parameters)
    PaymentBatch.objects.filter(pk=batch.pk).update(job=job)
    return job


@shared_task(name=LIST)
def make_list(job_id: int) -> None:
    jobs.run(job_id, lambda job: _with_batch(job, _make))


@shared_task(name=PAY)
def pay_list(job_id: int) -> None:
    jobs.run(job_id, lambda job: _with_batch(job, _pay))


def _with_batch(job: Job, work) -> dict:
    batch = PaymentBatch.objects.select_related("account", "area").get(pk=job.parameters["batch"])
    try:
        return {"link": reverse("funds:batch", args=[batch.pk]), **work(job, batch)}
    except Refused as refused:
        raise jobs.JobFailed(str(refused)) from refused


def _make(job: Job, batch: PaymentBatch) -> dict:
    if not batch.is_open:             # delivered twice: the list was approved meanwhile
        return {"lines": batch.lines_count}
    jobs.progress(job, 0, 2, "从登记库编制名单")
    lines = payment_lists.fill(batch)
    jobs.progress(job, 1, 2, f"逐笔核对 {lines} 笔")
    findings = payment_lists.check(batch, job.owner)
    return {"lines": lines, "findings": dict(findings)}


def _pay(job: Job, batch: PaymentBatch) -> dict:
    paid = payments.pay(batch, job.owner, on=datetime.date.fromisoformat(job.parameters["on"]),
                        progress=lambda done, total, message: None)
    return {"paid": paid}


def submit_export(record: ExportRecord) -> Job:
    """Queue the writing of a ledger for who asked for it."""
    job = jobs.submit(WRITE, f"导出{record.get_kind_display()} {record.number}", owner=record.requested_by, area=record.area,
                      export=record.pk)
    ExportRecord.objects.filter(pk=record.pk).update(job=job)
    return job


def submit_check(by: Officer, kept: dict[str, str]) -> Job:
    """Queue the check of an uploaded ledger."""
    return jobs.submit(CHECK, f"核验台账 {kept['name']}"[:120], owner=by, **kept)


@shared_task(name=WRITE)
def write_ledger(job_id: int) -> None:
    jobs.run(job_id, _write_ledger)


@shared_task(name=CHECK)
def check_ledger(job_id: int) -> None:
    jobs.run(job_id, _check_ledger)


class Beat:
    """Progress of a job at most once a second: each note is a write to the database."""

    def __init__(self, job: Job) -> None:
        self.job, self._last = job, 0.0

    def __call__(self, done: int, total: int, message: str) -> None:
        now = time.monotonic()
        if now - self._last >= BEAT_SECONDS:
            self._last = now
            jobs.progress(self.job, done, total, message)


def _write_ledger(job: Job) -> dict:
    record = ExportRecord.objects.select_related("programme", "area", "requested_by", "decided_by").get(
        pk=job.parameters["export"])
    link = reverse("funds:ledger_export", args=[record.pk])
    if record.state != ExportState.QUEUED:       # delivered twice
        return {"link": link}
    path = orders.path_of(record)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    try:
        sealed = export(record, path, progress=Beat(job))
    except ExportRefused as refused:
        raise jobs.JobFailed(str(refused)) from refused
    return {"link": link, "rows": sealed.rows}


def _check_ledger(job: Job) -> dict:
    try:
        found = checking.check(job.owner, **job.parameters)
    except WorkbookRefused as refused:
        raise jobs.JobFailed(str(refused)) from refused
    except FileNotFoundError as error:
        raise jobs.JobFailed("上传的文件已经删除，请重新上传核验") from error
    return {"link": reverse("funds:ledger_checked", args=[job.pk]), **found}


def submit_verification(by: Officer) -> Job:
    """Queue the check of the whole ledger; the same job while one of this person is not done."""
    unfinished = Job.objects.filter(task=VERIFY, owner=by, state__in=(Job.State.QUEUED, Job.State.RUNNING)).first()
    return unfinished or jobs.submit(VERIFY, "核对资金流水链和账户余额", owner=by)


@shared_task(name=VERIFY)
def verify_ledger(job_id: int) -> None:
    """Recompute the ledger's chain and every balance, and note the outcome with the job."""
    jobs.run(job_id, _verify_ledger)


def _verify_ledger(job: Job) -> dict:
    rows = chain.verify()
    jobs.progress(job, 1, 2, f"流水 {rows.entries} 条已核对，正在核对账户余额")
    balances = chain.verify_balances()
    found = {"entries": rows.entries, "ok": rows.ok and balances.ok, "first_bad": rows.first_bad, "account": balances.first_bad}
    trail.record(job.owner, "核对资金流水链", f"job:{job.pk}", detail=found)
    return {"link": reverse("funds:ledger_check"), **found}


@shared_task
def sweep_files() -> None:
    """Ledger files whose days are over are removed."""
    sweeping.sweep()

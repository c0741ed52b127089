"""Long work of the money: making and checking a list of payments, and paying it."""
import datetime

from celery import shared_task
from django.urls import reverse

from funds import payment_lists, payments
from funds.ledger import Refused
from funds.models import PaymentBatch
from office import jobs
from office.models import Job, Officer

LIST, PAY = "funds.tasks.make_list", "funds.tasks.pay_list"


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

"""Entering what the supervision of the money rests on: notices, supervisors, numbers of the network, procurement.

Every entry says who made it, is held against the right over the area, and stands in the trail.
"""
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from funds.ledger import Refused, plain_text
from funds.models import Movement, Procurement, Project, Publication, Supervisor
from funds.states import ProjectState, Publicity
from office import trail
from office.access import require
from office.models import Officer
from office.roles import Permission


def _kept(row, by: Officer, action: str, subject: str, *, request=None, **detail):
    """Check the row as a whole, store it, write the trail."""
    require(by, Permission.SUPERVISE_MONEY, row.area_id)
    if row.pk is None:
        row.recorded_by = by
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error
    row.save()
    trail.record(by, action, subject, area=row.area_id, request=request, detail=detail)
    return row


@transaction.atomic
def publish(notice: Publication, by: Officer, *, request=None) -> Publication:
    """Store a notice about a project or a division, or a correction of it."""
    if notice.from_on > timezone.localdate():
        raise Refused("公示还没有开始，请在贴出（发布）以后登记")
    if notice.project is not None:
        if notice.project.state == ProjectState.REMOVED:
            raise Refused("项目已出库，不再登记公示")
        notice.area = notice.project.area
    subject = f"项目 {notice.project.number}" if notice.project else f"指标文 {notice.appropriation.document_number}"
    return _kept(notice, by, f"登记{notice.get_what_display()}", subject, request=request, channel=notice.channel,
                 from_on=str(notice.from_on), to_on=str(notice.to_on or ""))


def notice_of_project(project: Project, what: str) -> Publication:
    """An empty notice about one of the three things of a project."""
    return Publication(project=project, area=project.area, what=what)


def notice_of_division(transfer: Movement) -> Publication:
    """An empty notice about the division that a transfer belongs to."""
    return Publication(what=Publicity.ALLOCATION, appropriation=transfer.appropriation, area=transfer.from_account.area,
                       allocated_on=transfer.on)


@transaction.atomic
def withdraw(notice: Publication, by: Officer, *, reason: str, request=None) -> Publication:
    """Say that an entry was a mistake; it stays and counts no more. Again: nothing happens."""
    notice = Publication.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.withdrawn:
        return notice
    if not plain_text(reason):
        raise Refused("请写明作废的原因")
    notice.withdrawn = plain_text(reason)[:200]
    return _kept(notice, by, "作废公示登记", f"公示 {notice.pk}", request=request, reason=notice.withdrawn)


@transaction.atomic
def appoint(supervisor: Supervisor, by: Officer, *, request=None) -> Supervisor:
    """A supervisor takes office; one still in office ends the day the new one begins."""
    before = Supervisor.objects.select_for_update(of=("self",)).filter(
        area=supervisor.area, project=supervisor.project, ends_on__isnull=True).exclude(pk=supervisor.pk).first()
    if before is not None:
        if supervisor.starts_on < before.starts_on:
            raise Refused(f"{before.name}自 {before.starts_on} 起任监督员，新的任职日期不能更早")
        before.ends_on = supervisor.starts_on
        before.save(update_fields=["ends_on"])
    subject = f"项目 {supervisor.project.number}" if supervisor.project else f"村 {supervisor.area.name}"
    return _kept(supervisor, by, "登记涉农资金监督员", subject, request=request, name=supervisor.name)


@transaction.atomic
def procure(record: Procurement, by: Officer, *, request=None) -> Procurement:
    """Store how the contractor of a project was chosen, or a correction of it."""
    require(by, Permission.SUPERVISE_MONEY, record.project.area_id)
    if record.decided_on and record.decided_on > timezone.localdate():
        raise Refused("成交日期还没有到")
    if record.pk is None:
        record.recorded_by = by
    try:
        record.full_clean()
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error
    record.save()
    trail.record(by, "登记采购", f"项目 {record.project.number}", area=record.project.area_id, request=request,
                 detail={"method": record.method, "winner": record.winner, "amount": str(record.amount)})
    return record

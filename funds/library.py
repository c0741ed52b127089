"""The project library: a project is applied for, entered into the library by another person, and its course noted.

Without an entry no money may be bound to it (domain rule 无项目入库不得安排资金); the ledger's own guard says the same.
"""
import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from funds.ledger import Refused, plain_text
from funds.models import Project
from funds.states import ProjectState
from office import trail
from office.access import require
from office.models import Officer
from office.roles import Permission

WAITING = (ProjectState.PROPOSED.value, ProjectState.REVIEWED.value)


@transaction.atomic
def keep(project: Project, by: Officer, *, request=None) -> Project:
    """Store an application, or a change to one that is not in the library yet, or the course of one that is."""
    require(by, Permission.RECORD_MONEY, project.area_id)
    is_new = project.pk is None
    if is_new:
        project.recorded_by = by
    else:
        stored = Project.objects.select_for_update().get(pk=project.pk)
        require(by, Permission.RECORD_MONEY, stored.area_id)
        if stored.state == ProjectState.REMOVED:
            raise Refused("项目已出库，不能再修改")
    try:
        project.full_clean()
        with transaction.atomic():
            project.save()
    except ValidationError as error:
        [field] = error.message_dict if len(error.message_dict) == 1 else [""]
        raise Refused("；".join(error.messages), field) from error
    except IntegrityError as error:
        raise Refused(f"项目编码 {project.number} 已经登记，请核对编码", "number") from error
    trail.record(by, "登记项目" if is_new else "修改项目", f"项目 {project.number}", area=project.area_id, request=request)
    return project


@transaction.atomic
def enter(project: Project, by: Officer, *, on: datetime.date | None = None, request=None) -> Project:
    """Approve an application into the library, by another person than the one who applied; again: nothing happens."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    require(by, Permission.APPROVE_MONEY, project.area_id)
    if project.entered_on is not None:
        return project
    if project.recorded_by_id == by.pk:
        raise Refused("项目入库不能由申报人自己审定，请由另一人审定")
    if project.state not in WAITING:
        raise Refused(f"项目{project.get_state_display()}，不能入库")
    on = on or timezone.localdate()
    if on > timezone.localdate():
        raise Refused(f"入库日期 {on} 还没有到")
    project.state, project.entered_on, project.approved_by = ProjectState.ENTERED, on, by
    project.save()
    trail.record(by, "项目入库", f"项目 {project.number}", area=project.area_id, request=request,
                 detail={"planned": str(project.planned_total)})
    return project


@transaction.atomic
def turn_down(project: Project, by: Officer, *, reason: str, request=None) -> Project:
    """Refuse an application with a reason, or take a project that has received no money out of the library."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    require(by, Permission.APPROVE_MONEY, project.area_id)
    if project.state == ProjectState.REMOVED:
        return project
    if not plain_text(reason):
        raise Refused("请写明原因")
    if project.movements.exists():
        raise Refused("项目已有资金往来，不能出库；请先把资金退回本级")
    project.state, project.entered_on, project.approved_by = ProjectState.REMOVED, None, None
    project._change_reason = plain_text(reason)[:100]
    project.save()
    trail.record(by, "项目出库", f"项目 {project.number}", area=project.area_id, request=request,
                 detail={"reason": plain_text(reason)})
    return project

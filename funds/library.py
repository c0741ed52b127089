"""The project library: a project is applied for, entered into the library by another person, and its course noted.

A township applies for its own villages (town clerk), its leader reviews, the county decides (domain rule 村申报 → 镇审核 →
县审定 → 入库); what the county's finance applies for itself goes to the county's decision at once.

Without an entry no money may be bound to it (domain rule 无项目入库不得安排资金); the ledger's own guard says the same.
"""
import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from funds.ledger import Refused, plain_text
from funds.models import Project
from funds.states import ProjectState
from office import trail
from office.access import require
from office.models import Officer
from office.roles import ROLES, Permission

WAITING = (ProjectState.PROPOSED.value, ProjectState.REVIEWED.value)


@transaction.atomic
def keep(project: Project, by: Officer, *, request=None) -> Project:
    """Store an application, or a change to one that is not in the library yet, or the course of one that is."""
    is_new = project.pk is None
    if is_new:
        require(by, Permission.PROPOSE_PROJECT, project.area_id)
        project.recorded_by = by
    else:
        stored = Project.objects.select_for_update().get(pk=project.pk)
        require_change(stored, by, project.area_id)
        if stored.state == ProjectState.REMOVED:
            raise Refused("项目已出库，不能再修改")
        if stored.entered_on is not None and project.entered_on is None:
            raise Refused("项目刚刚已经审定入库，申报内容不能再修改")
        if stored.state == ProjectState.REVIEWED:
            project.state = ProjectState.PROPOSED           # what was reviewed is no longer what stands there
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


def require_change(project: Project, by: Officer, area_code: str) -> None:
    """PermissionDenied unless the officer may change it: an application who may apply there (a township only its own),
    a project of the library who records money."""
    needed = Permission.PROPOSE_PROJECT if project.state in WAITING else Permission.RECORD_MONEY
    if project.state in WAITING and not applied_by_town(project):
        needed = Permission.RECORD_MONEY
    for code in {project.area_id, area_code}:
        require(by, needed, code)


def may_change(project: Project, by: Officer) -> bool:
    try:
        require_change(project, by, project.area_id)
    except PermissionDenied:
        return False
    return project.state != ProjectState.REMOVED


def applied_by_town(project: Project) -> bool:
    """Whether who applied could apply but not record money on that day: somebody of the township."""
    held = project.recorded_by.postings.in_force(timezone.localdate(project.recorded_at)).values_list("role", flat=True)
    permissions = {permission for role in held for permission in ROLES[role].permissions}
    return Permission.PROPOSE_PROJECT in permissions and Permission.RECORD_MONEY not in permissions


def waits_for_review(project: Project) -> bool:
    """A township's application that its leader has not reviewed."""
    return project.state == ProjectState.PROPOSED and applied_by_town(project)


@transaction.atomic
def review(project: Project, by: Officer, *, request=None) -> Project:
    """The township's review of its own application, by another person than the one who applied; again: nothing happens."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    require(by, Permission.REVIEW_PROJECT, project.area_id)
    if project.state == ProjectState.REVIEWED:
        return project
    if project.recorded_by_id == by.pk:
        raise Refused("申报人不能审核自己申报的项目，请由镇分管领导审核")
    if project.state != ProjectState.PROPOSED:
        raise Refused(f"项目{project.get_state_display()}，不用再审核")
    project.state = ProjectState.REVIEWED
    project.save()
    trail.record(by, "镇级审核项目", f"项目 {project.number}", area=project.area_id, request=request,
                 detail={"planned": str(project.planned_total)})
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
    if waits_for_review(project):
        raise Refused("镇申报的项目须先由镇分管领导审核，再由县审定入库")
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

"""Asking for a ledger, approving one without masks, taking it. Nothing here enqueues work."""
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from funds.ledger import Refused, plain_text
from funds.ledgers.columns import LAYOUTS
from funds.models import ExportRecord
from funds.states import ExportState, LedgerKind
from office import trail
from office.access import covers, require, within
from office.models import Area, Officer, Programme, code_range
from office.roles import Permission

FOLDER = "ledgers"
SHORTEST_REASON = 4
DECIDING = (Permission.EXPORT_LEDGER, Permission.APPROVE_MONEY)


def area_of(programme: Programme, area: Area | None) -> Area:
    """The area that is exported: that of the programme unless a smaller one is named; Refused outside of it."""
    if area is None:
        return programme.area
    low, high = code_range(programme.area_id)
    if not low <= area.pk < high:
        raise Refused(f"{area.name}不在“{programme.name}”的适用区域内，请另选区域或政策文件", "area")
    return area


@transaction.atomic
def order(by: Officer | None, kind: str, programme: Programme, area: Area | None = None, year: int | None = None, *,
          masked: bool = True, reason: str = "", request=None) -> ExportRecord:
    """A numbered record of what is wanted. Without masks it waits for somebody else's approval and needs a reason."""
    area = area_of(programme, area)
    reason = plain_text(reason)
    if by is not None:
        require(by, Permission.EXPORT_LEDGER, area.pk)
    if not masked and (by is None or len(reason) < SHORTEST_REASON):
        raise Refused(f"导出完整证件号码须由具名人员申请并写明用途（至少{SHORTEST_REASON}个字）", "reason")
    record = ExportRecord.objects.create(
        number=f"pending-{timezone.now().timestamp():.6f}", kind=kind, programme=programme, area=area, year=year, masked=masked,
        reason=reason[:200], requested_by=by, state=ExportState.QUEUED if masked else ExportState.REQUESTED)
    record.number = f"{LAYOUTS[LedgerKind(kind)].letters}{timezone.localdate():%Y%m%d}-{record.pk:06d}"
    record.save(update_fields=["number"])
    if by is not None:
        trail.record(by, "申请导出台账", record.number, area=area.pk, request=request, detail={
            "kind": kind, "programme": programme.pk, "year": year, "masked": masked, "reason": record.reason})
    return record


def visible_to(officer: Officer):
    """Exports an officer may know of: of the areas in which the officer may export ledgers or approve."""
    seen = Q(pk__in=[])
    for permission in DECIDING:
        seen |= within("area_id", officer.scope_for(permission))
    return ExportRecord.objects.filter(seen)


def may_decide(officer: Officer, record: ExportRecord) -> bool:
    """Whether this person may approve or refuse the request: with a right over the whole area, and not the one who asks."""
    return record.state == ExportState.REQUESTED and record.requested_by_id != officer.pk and any(
        covers(officer, permission, record.area_id) for permission in DECIDING)


@transaction.atomic
def decide(record: ExportRecord, by: Officer, *, approve: bool, note: str = "", request=None) -> ExportRecord:
    """Approve or refuse a request for full numbers. Refused for the person who asked and for a request decided before."""
    record = ExportRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.requested_by_id == by.pk:
        raise Refused("不能审批自己的申请，请由另一人审批")
    if not any(covers(by, permission, record.area_id) for permission in DECIDING):
        raise Refused("您没有在该区域审批台账导出的权限")
    if record.state != ExportState.REQUESTED:
        raise Refused(f"该申请{record.get_state_display()}，不能再审批")
    if not approve and not plain_text(note):
        raise Refused("请写明不批准的原因")
    record.state = ExportState.QUEUED if approve else ExportState.REFUSED
    record.decided_by, record.decided_at, record.decision_note = by, timezone.now(), plain_text(note)[:200]
    record.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    trail.record(by, "批准导出完整号码" if approve else "不批准导出完整号码", record.number, area=record.area_id, request=request,
                 detail={"requested_by": str(record.requested_by), "reason": record.reason, "note": record.decision_note})
    return record


def path_of(record: ExportRecord) -> Path:
    """Where the file of a record lies or will lie."""
    year = f"_{record.year}" if record.year else ""
    name = f"{record.area.name}_{record.get_kind_display()}{year}_{record.number}.xlsx"
    return Path(settings.MEDIA_ROOT) / FOLDER / str(record.pk) / name


@transaction.atomic
def take(record: ExportRecord, by: Officer, *, request=None):
    """The open file of an export, for who asked for it; with full numbers only once, it is then removed."""
    record = ExportRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.requested_by_id != by.pk:
        raise Refused("台账只能由导出人本人下载")
    if record.state != ExportState.DONE:
        raise Refused("完整号码的台账只能下载一次，文件已删除" if record.state == ExportState.TAKEN else "文件还没有生成")
    path = path_of(record)
    if not path.is_file():
        raise Refused("文件已被清理，请重新导出")
    file = path.open("rb")
    record.downloaded_at = timezone.now()
    if not record.masked:
        record.state = ExportState.TAKEN
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
    record.save(update_fields=["downloaded_at", "state"])
    trail.record(by, "下载台账", record.number, area=record.area_id, request=request, detail={
        "masked": record.masked, "sha256": record.sha256})
    return file



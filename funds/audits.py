"""The audit plan and what checks found (R146, R147). The auditor reads and takes away; the poverty offices of county and
city record, so that who checks changes nothing here."""
import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from funds.ledger import Refused
from funds.models import Audit, AuditFinding
from funds.places import View
from funds.states import FindingState, Outcome
from office import trail
from office.access import require
from office.fields import MoneyField
from office.models import Officer, code_range
from office.roles import Permission

PLANNED, UNDER_WAY, FINISHED, LATE = "planned", "under_way", "finished", "late"
STATES = {PLANNED: "未开始", UNDER_WAY: "进行中", FINISHED: "已完成", LATE: "逾期未完成"}


def audits(view: View, today: datetime.date, state: str = ""):
    """Checks whose scope lies in the view, with how much they found."""
    rows = Audit.objects.visible_to(view.officer).in_area(view.area.pk)
    if view.year:
        rows = rows.filter(year=view.year)
    conditions = {PLANNED: Q(started_on__isnull=True), UNDER_WAY: Q(started_on__isnull=False, finished_on__isnull=True),
                  FINISHED: Q(finished_on__isnull=False), LATE: Q(finished_on__isnull=True, planned_to__lt=today)}
    if state in conditions:
        rows = rows.filter(conditions[state])
    return rows.annotate(found=Count("findings"), amount=Sum("findings__amount", output_field=MoneyField(), default=0),
                         unsettled=Count("findings", filter=~Q(findings__state=FindingState.CLOSED)))


def state_of(audit: Audit, today: datetime.date) -> str:
    """Where the check stands; late: its planned day is over."""
    if audit.finished_on:
        return FINISHED
    if audit.planned_to < today:
        return LATE
    return UNDER_WAY if audit.started_on else PLANNED


def findings(view: View, today: datetime.date, *, kind: str = "", state: str = ""):
    """What was found in the view; `state` may also be `late`: not settled and its day over."""
    rows = AuditFinding.objects.visible_to(view.officer).in_area(view.area.pk)
    if view.year:
        rows = rows.filter(audit__year=view.year)
    if kind:
        rows = rows.filter(kind=kind)
    if state == LATE:
        return rows.filter(_open(), deadline__lt=today)
    return rows.filter(state=state) if state else rows


def _open() -> Q:
    return ~Q(state=FindingState.CLOSED)


def figures(rows, today: datetime.date) -> dict:
    """Number, amount, recovered, and what is not settled or late, in one statement."""
    money = MoneyField()
    return rows.order_by().aggregate(
        count=Count("pk"), amount=Sum("amount", default=0, output_field=money),
        recovered=Sum("recovered", default=0, output_field=money), open=Count("pk", filter=_open()),
        late=Count("pk", filter=_open() & Q(deadline__lt=today)),
        handed_over=Count("pk", filter=Q(outcome=Outcome.TRANSFERRED)))


def by_kind(rows) -> list[dict]:
    """The same by the five kinds, in one statement; kinds without a finding are not among them."""
    money = MoneyField()
    return list(rows.order_by().values("kind").annotate(
        count=Count("pk"), amount=Sum("amount", default=0, output_field=money),
        recovered=Sum("recovered", default=0, output_field=money), open=Count("pk", filter=_open())).order_by(F("amount").desc()))


def _stored(row, by: Officer, action: str, *, request=None, **detail):
    require(by, Permission.RECORD_AUDIT, row.area_id)
    if row.pk is None:
        row.recorded_by = by
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error
    row.save()
    trail.record(by, action, f"{row._meta.verbose_name} {row.pk}", area=row.area_id, request=request, detail=detail)
    return row


@transaction.atomic
def plan(audit: Audit, by: Officer, *, request=None) -> Audit:
    """Put a check into the plan, or note its course and conclusion."""
    if audit.project is not None:
        audit.area = audit.project.area
    today = timezone.localdate()
    for label, day in (("进点日期", audit.started_on), ("完成日期", audit.finished_on)):
        if day and day > today:
            raise Refused(f"{label}还没有到")
    if audit.finished_on and not audit.conclusion.strip():
        raise Refused("已完成的审计检查请填写审计结论")
    return _stored(audit, by, "登记审计检查", request=request, year=audit.year, title=audit.title)


@transaction.atomic
def find(finding: AuditFinding, by: Officer, *, request=None) -> AuditFinding:
    """Record what a check found, or what became of it. Money and project named must lie in the scope of the check."""
    audit = finding.audit
    if audit.started_on is None or finding.found_on < audit.started_on:
        raise Refused("发现日期早于审计检查的进点日期" if audit.started_on else "审计检查还没有进点，请先登记进点日期")
    if finding.found_on > timezone.localdate() or finding.closed_on and finding.closed_on > timezone.localdate():
        raise Refused("日期还没有到")
    if finding.movement is not None:
        if finding.amount > finding.movement.amount:
            raise Refused(f"涉及金额大于第 {finding.movement.pk} 号流水的金额 {finding.movement.amount}")
        finding.project = finding.project or finding.movement.project
        if finding.project_id != finding.movement.project_id:
            raise Refused("涉及流水不属于所填的项目")
    subject = finding.project or finding.movement
    finding.area = subject.area if subject else audit.area
    if not _inside(finding.area_id, audit.area_id):
        raise Refused(f"涉及的项目或流水不在审计范围{audit.area.name}内")
    if audit.project_id and finding.project_id not in (None, audit.project_id):
        raise Refused("涉及项目不是本次跟踪审计的项目")
    if finding.outcome == Outcome.RECOVERED and not finding.recovered:
        raise Refused("处理结果为追回的，请填追回金额")
    if finding.outcome == Outcome.TRANSFERRED and not finding.handed_to.strip():
        raise Refused("处理结果为移送的，请填移送机关")
    return _stored(finding, by, "登记审计发现", request=request, kind=finding.kind, amount=str(finding.amount),
                   state=finding.state)


def _inside(code: str, outer: str) -> bool:
    lo, hi = code_range(outer)
    return lo <= code < hi

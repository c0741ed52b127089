"""Money put into an enterprise for a yearly return to households (资产收益): taking it down and correcting it."""
import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from funds import sheets
from funds.dividends import after
from funds.ledger import Refused, plain_text
from funds.models import Investment, Project
from funds.states import BatchState, ProjectState
from office import trail
from office.access import require
from office.fields import MoneyField
from office.models import Officer
from office.money import grouped, plain
from office.roles import Permission

FACTS = ("enterprise", "amount", "starts_on", "term_months", "guaranteed_rate", "principal_due_on", "risk")
SHARED_BY = ("enterprise", "starts_on")      # what the lists of dividends that were paid rest on
LONGEST_MONTHS, HIGHEST_RATE = 600, 100


@transaction.atomic
def record(by: Officer, project: Project, *, request=None, **facts) -> Investment:
    """Take an investment down; the same one again is refused. `principal_due_on` None: start and term."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    require(by, Permission.RECORD_MONEY, project.area_id)
    investment = Investment(project=project, recorded_by=by, **_clean(facts))
    _check(investment)
    if project.investments.filter(enterprise=investment.enterprise, amount=investment.amount,
                                  starts_on=investment.starts_on).exists():
        raise Refused(f"{investment.enterprise}在 {investment.starts_on} 的这笔入股已经登记", "enterprise")
    investment.save()
    trail.record(by, "登记入股", subject_of(investment), area=project.area_id, request=request,
                 detail={"project": project.number, **_written(investment)})
    return investment


@transaction.atomic
def correct(investment: Investment, by: Officer, *, reason: str, request=None, **facts) -> Investment:
    """Change what was taken down wrongly; before, after and the reason go into the trail."""
    Project.objects.select_for_update().get(pk=investment.project_id)
    investment = Investment.objects.select_related("project").get(pk=investment.pk)
    require(by, Permission.RECORD_MONEY, investment.project.area_id)
    before = _written(investment)
    for name, value in _clean(facts).items():
        setattr(investment, name, value)
    _check(investment)
    after_ = _written(investment)
    changed = {name: [before[name], after_[name]] for name in FACTS if before[name] != after_[name]}
    if not changed:
        return investment
    if not plain_text(reason):
        raise Refused("请写明更正原因", "reason")
    lists = investment.batches.exclude(state=BatchState.DISCARDED).values_list("number", flat=True)[:3]
    for name in SHARED_BY:
        if name in changed and lists:
            label = Investment._meta.get_field(name).verbose_name
            raise Refused(f"分红批次 {'、'.join(lists)} 已引用这笔入股，{label}不能再改", name)
    investment.save()
    trail.record(by, "更正入股", subject_of(investment), area=investment.project.area_id, request=request,
                 detail={"changed": changed, "reason": plain_text(reason)})
    return investment


def subject_of(investment: Investment) -> str:
    return f"入股 {investment.pk}"


def room(project: Project, without: Investment | None = None) -> Decimal:
    """How much of the money bound to a project is not yet taken down as invested."""
    others = project.investments.exclude(pk=without.pk) if without and without.pk else project.investments.all()
    taken = others.aggregate(total=Sum("amount", output_field=MoneyField(), default=0))["total"]
    return sheets.of_project(project).committed - taken


def _clean(facts: dict) -> dict:
    facts = {name: plain_text(value) if name in ("enterprise", "risk") else value for name, value in facts.items()}
    if facts.get("principal_due_on") is None and facts.get("term_months") and facts["term_months"] <= LONGEST_MONTHS:
        facts["principal_due_on"] = after(facts["starts_on"], facts["term_months"])
    return facts


def _check(investment: Investment) -> None:
    one, project = investment, investment.project
    if not one.enterprise:
        raise Refused("请写明经营主体", "enterprise")
    if not 1 <= one.term_months <= LONGEST_MONTHS:
        raise Refused(f"期限应在1至{LONGEST_MONTHS}个月之间", "term_months")
    if not 0 <= one.guaranteed_rate <= HIGHEST_RATE:
        raise Refused(f"保底收益率应在0至{HIGHEST_RATE}%之间；没有保底的填0", "guaranteed_rate")
    if one.starts_on > timezone.localdate():
        raise Refused(f"入股日期 {one.starts_on} 还没有到", "starts_on")
    if project.entered_on is None or project.state == ProjectState.REMOVED:
        raise Refused(f"项目 {project.number} 没有入库，不能用它的资金入股")
    if one.starts_on < project.entered_on:
        raise Refused(f"入股日期 {one.starts_on} 早于项目入库日期 {project.entered_on}", "starts_on")
    if one.principal_due_on <= one.starts_on:
        raise Refused(f"本金到期 {one.principal_due_on} 不晚于入股日期 {one.starts_on}，请核对", "principal_due_on")
    if one.amount > (left := room(project, one)):
        raise Refused(f"项目已安排的资金还可入股 {grouped(max(left, Decimal(0)))} 元，不能登记 {grouped(one.amount)} 元",
                      "amount")


def _written(investment: Investment) -> dict:
    """The facts as the trail keeps them."""
    return {name: _text(getattr(investment, name)) for name in FACTS}


def _text(value) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)

"""Sums promised from outside the budget (认筹): taking them down, correcting them, and what has come of each so far."""
import datetime
import hashlib
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, ExpressionWrapper, F, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from funds.ledger import Refused, plain_text
from funds.models import Appropriation, Movement, Pledge, Voucher
from funds.states import AccountKind, Kind, Source, VoucherState
from office import trail
from office.access import require, within
from office.fields import MoneyField
from office.models import Officer
from office.money import grouped, plain
from office.roles import Permission

FACTS = ("programme", "area", "source", "payer_name", "amount", "pledged_on", "due_on", "note")
# What a document that names the pledge repeats, and that therefore stands as long as it does.
REPEATED = ("programme", "area", "source", "payer_name")


def _of_pledges(kind: str, **conditions):
    rows = Movement.objects.filter(kind=kind, reversed_by__isnull=True, appropriation__pledge=OuterRef("pk"), **conditions)
    total = rows.order_by().values("appropriation__pledge").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=MoneyField()), Value(0, output_field=MoneyField()))


def with_arrived(pledges):
    """The pledges with `arrived` (yuan): what was taken into the ledger less what was given back to the payer."""
    came, back = _of_pledges(Kind.APPROPRIATION), _of_pledges(Kind.REFUND, to_account__kind=AccountKind.SOURCE)
    return pledges.annotate(arrived=ExpressionWrapper(came - back, output_field=MoneyField()))


def movements_of(pledge_number: int) -> Q:
    """The movements that `arrived` is the sum of: from the payer, and (as minus) back to the payer."""
    return Q(appropriation__pledge=pledge_number) & (Q(from_account__kind=AccountKind.SOURCE)
                                                     | Q(to_account__kind=AccountKind.SOURCE))


def is_late(pledge: Pledge, on: datetime.date) -> bool:
    """Whether its day is over and part of it has not come."""
    return pledge.arrived < pledge.amount and on > pledge.due_on


def documents_of(pledge: Pledge):
    """Documents that refer to the pledge and still stand: waiting for approval, or in the ledger and not reversed."""
    waiting = Voucher.objects.filter(appropriation=OuterRef("pk"), kind=Kind.APPROPRIATION, state=VoucherState.DRAFT)
    posted = Movement.objects.filter(appropriation=OuterRef("pk"), kind=Kind.APPROPRIATION, reversed_by__isnull=True)
    return Appropriation.objects.filter(Q(Exists(waiting)) | Q(Exists(posted)), pledge=pledge)


def open_to(officer: Officer):
    """Pledges that an officer may enter money for: in the own areas, and not yet come in full."""
    rows = Pledge.objects.filter(within("area_id", officer.scope_for(Permission.RECORD_MONEY)))
    return with_arrived(rows.select_related("area", "programme")).filter(arrived__lt=F("amount"))


def require_fit(pledge: Pledge, appropriation: Appropriation) -> None:
    """Refused unless a document that is entered for a pledge says the same as the pledge. What is promised to a village
    may come in at the township or county that keeps its money."""
    if not pledge.area_id.startswith(appropriation.area.prefix):
        raise Refused(f"所选认筹给{pledge.area.name}，收入单位应在该地或其上级，不能是{appropriation.area.name}", "pledge")
    for name, stated, meant in (
            ("programme", appropriation.programme, pledge.programme),
            ("source", Source(appropriation.source).label, Source(pledge.source).label),
            ("payer_name", appropriation.payer_name, pledge.payer_name)):
        if stated != meant:
            label = "出资单位" if name == "payer_name" else Appropriation._meta.get_field(name).verbose_name
            raise Refused(f"所选认筹的{label}是“{meant}”，与这里填写的“{stated}”不一致", "pledge")
    if appropriation.issued_on < pledge.pledged_on:
        raise Refused(f"下达日期 {appropriation.issued_on} 早于认筹日期 {pledge.pledged_on}，请核对日期或另选认筹", "issued_on")


@transaction.atomic
def record(by: Officer, *, request=None, **facts) -> Pledge:
    """Take a promise down. The same promise by the same payer of the same day is there already: Refused."""
    pledge = Pledge(recorded_by=by, **_clean(facts))
    require(by, Permission.RECORD_MONEY, pledge.area_id)
    _check(pledge)
    if Pledge.objects.filter(**{name: getattr(pledge, name) for name in (*REPEATED, "amount", "pledged_on")}).exists():
        raise Refused(f"{pledge.payer_name}在 {pledge.pledged_on} 的这笔认筹已经登记；确是另一笔的，请把两笔合并登记",
                      "payer_name")
    pledge.save()
    trail.record(by, "登记认筹", subject_of(pledge), area=pledge.area_id, request=request, detail=_written(pledge))
    return pledge


@transaction.atomic
def correct(pledge: Pledge, by: Officer, *, reason: str, request=None, **facts) -> Pledge:
    """Change what was taken down wrongly; before, after and the reason go into the trail."""
    pledge = Pledge.objects.select_for_update(of=("self",)).select_related("area", "programme").get(pk=pledge.pk)
    require(by, Permission.RECORD_MONEY, pledge.area_id)
    before = _written(pledge)
    for name, value in _clean(facts).items():
        setattr(pledge, name, value)
    require(by, Permission.RECORD_MONEY, pledge.area_id)
    _check(pledge)
    after = _written(pledge)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changed:
        return pledge
    if not plain_text(reason):
        raise Refused("请写明更正原因", "reason")
    _still_fits(pledge, set(changed))
    pledge.save()
    trail.record(by, "更正认筹", subject_of(pledge), area=pledge.area_id, request=request,
                 detail={"changed": changed, "reason": plain_text(reason)})
    return pledge


def subject_of(pledge: Pledge) -> str:
    return f"认筹 {pledge.pk}"


def version(pledge: Pledge) -> str:
    """Changes with every correction: what a form was opened with, to notice that somebody else corrected meanwhile."""
    return hashlib.sha256(repr(_written(pledge)).encode()).hexdigest()[:16]


def _clean(facts: dict) -> dict:
    return {name: plain_text(value) if name in ("payer_name", "note") else value for name, value in facts.items()}


def _check(pledge: Pledge) -> None:
    if not pledge.payer_name:
        raise Refused("请写明出资单位", "payer_name")
    if pledge.amount <= 0:
        raise Refused("金额必须大于零", "amount")
    if pledge.due_on < pledge.pledged_on:
        raise Refused(f"应到账日期 {pledge.due_on} 早于认筹日期 {pledge.pledged_on}，请核对", "due_on")
    if pledge.pledged_on > timezone.localdate():
        raise Refused(f"认筹日期 {pledge.pledged_on} 还没有到", "pledged_on")
    whole, place = pledge.programme.area_id, pledge.area
    if not place.pk.startswith(pledge.programme.area.prefix) and whole not in {area.pk for area in place.trail}:
        raise Refused(f"{place.name}不在“{pledge.programme.name}”的适用区域内", "area")


def _still_fits(pledge: Pledge, changed: set[str]) -> None:
    """Refused when a document that refers to the pledge would no longer say the same."""
    documents = documents_of(pledge)
    named = "、".join(documents.values_list("document_number", flat=True)[:3])
    if not named:
        return
    for name in REPEATED:
        if name in changed:
            raise Refused(f"指标文 {named} 已引用这笔认筹，{Pledge._meta.get_field(name).verbose_name}不能再改", name)
    sums = documents.aggregate(total=Sum("amount", output_field=MoneyField()), first=Min("issued_on"))
    if "amount" in changed and pledge.amount < sums["total"]:
        raise Refused(f"指标文 {named} 已为这笔认筹登记 {grouped(sums['total'])} 元，认筹金额不能少于这个数", "amount")
    if pledge.pledged_on > sums["first"]:
        raise Refused(f"指标文 {named} 下达于 {sums['first']}，认筹日期不能晚于这一天", "pledged_on")


def _written(pledge: Pledge) -> dict:
    """The facts as the trail keeps them."""
    return {name: _text(getattr(pledge, f"{name}_id" if name in ("programme", "area") else name)) for name in FACTS}


def _text(value) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)

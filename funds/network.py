"""The 涉农网 and its supervisors (R151): which sums have no number there, which villages and projects nobody watches.

A transaction is a movement that stands (reversals, what they undo, and the carrying over of a year end are none), or a
whole list of payments to households, which the network sees as one. A number written on the voucher is part of the
ledger; one that became known later refers to the row.
"""
import re
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from funds.ledger import Refused, plain_text
from funds.models import Movement, NetworkReference, PaymentBatch, Project, Supervisor
from funds.places import View
from funds.states import BatchState, Kind
from office import trail
from office.access import covers, within
from office.models import Area, Officer
from office.models.area import Level
from office.roles import Permission

KINDS = (Kind.APPROPRIATION, Kind.TRANSFER, Kind.COMMITMENT, Kind.PAYMENT, Kind.REFUND)
PAID = (BatchState.PAID, BatchState.RECONCILED, BatchState.CLOSED)
LONGEST = 40


def movements(view: View):
    """Movements that the network must know, `reference` is the number there or blank."""
    rows = Movement.objects.visible_to(view.officer).in_area(view.area.pk).filter(
        kind__in=KINDS, batch__isnull=True, reversed_by__isnull=True,
        **view.narrowed("appropriation__programme_id", "appropriation__year"))
    return rows.annotate(
        reference=Coalesce(NullIf(F("network_number"), Value("")), F("network_reference__number"), Value("")))


def batches(view: View):
    """Lists of payments that were paid, `reference` is their number in the network or blank."""
    rows = PaymentBatch.objects.visible_to(view.officer).in_area(view.area.pk).filter(state__in=PAID, **view.narrowed())
    return rows.annotate(reference=Coalesce(F("network_reference__number"), Value("")))


@transaction.atomic
def enter(by: Officer, numbers: Mapping[Movement | PaymentBatch, str], *, request=None) -> int:
    """Enter the numbers of many transactions, or correct those entered before; all or none.

    Refused for a row outside the person's area, a number that is none, and a movement whose voucher names one already.
    """
    existing = {(one.movement_id, one.batch_id): one for one in NetworkReference.objects.select_for_update(of=("self",)).filter(
        Q(movement__in=[row.pk for row in numbers if isinstance(row, Movement)])
        | Q(batch__in=[row.pk for row in numbers if isinstance(row, PaymentBatch)]))}
    stored = 0
    for row, typed in numbers.items():
        number = plain_text(typed)
        what = {"movement": row} if isinstance(row, Movement) else {"batch": row}
        label = f"第 {row.pk} 号流水" if isinstance(row, Movement) else f"批次 {row.number}"
        if not number or len(number) > LONGEST:
            raise Refused(f"{label}：涉农网编号应为 1—{LONGEST} 个字")
        if not covers(by, Permission.SUPERVISE_MONEY, row.area_id):
            raise Refused(f"{label}不在您办理的区域内")
        if getattr(row, "network_number", "") not in ("", number):
            raise Refused(f"{label}的凭证上已写明涉农网编号 {row.network_number}，入账后不能更改")
        key = (row.pk, None) if isinstance(row, Movement) else (None, row.pk)
        one = existing.get(key) or NetworkReference(area_id=row.area_id, recorded_by=by, **what)
        if one.number != number and getattr(row, "network_number", "") != number:
            one.number = number
            one.save()
            stored += 1
    trail.record(by, "登记涉农网编号", request=request, detail={"entered": stored})
    return stored


def read_lines(view: View, text: str) -> dict:
    """Rows by number from pasted lines: voucher number, sequence or list number, then the number in the network.

    Refused with the line when one cannot be understood or names nothing, or several things, in the area.
    """
    pairs = []
    for place, line in enumerate(text.splitlines(), start=1):
        parts = re.split(r"[\t,，]", line) if re.search(r"[\t,，]", line) else line.split(None, 1)
        parts = [part.strip() for part in parts if part.strip()]
        if not parts:
            continue
        if len(parts) != 2:
            raise Refused(f"第 {place} 行“{line.strip()[:40]}”应为两项：凭证号（或流水序号、批次号）和涉农网编号")
        pairs.append((place, *parts))
    keys = {key for _, key, _ in pairs}
    found: dict[str, list] = {}
    sequences = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 16]
    for row in movements(view).filter(Q(voucher_number__in=keys) | Q(pk__in=sequences)):
        for key in {row.voucher_number, str(row.pk)} & keys:
            found.setdefault(key, []).append(row)
    for row in batches(view).filter(number__in=keys):
        found.setdefault(row.number, []).append(row)
    numbers: dict = {}
    for place, key, number in pairs:
        rows = found.get(key, [])
        if len(rows) != 1:
            how_many, remedy = ("有多笔", "，请改用流水序号") if rows else ("没有", "")
            raise Refused(f"第 {place} 行：{view.area.name}{how_many}凭证号、流水序号或批次号为“{key[:40]}”的资金{remedy}")
        if numbers.setdefault(rows[0], number) != number:
            raise Refused(f"第 {place} 行：“{key[:40]}”前面已填另一个编号")
    return numbers


# Supervisors


def _in_office(**of):
    return Supervisor.objects.filter(ends_on__isnull=True, **of).order_by()


def villages(view: View):
    """Villages in which there are projects, with how many, and who watches there (`supervisor`, blank: nobody)."""
    projects = view.projects().filter(area=OuterRef("pk")).order_by()
    watching = _in_office(area=OuterRef("pk"), project__isnull=True)
    counted = projects.values("area").annotate(count=Count("pk")).values("count")
    return Area.objects.filter(within("code", [view.area.pk]), Exists(projects), level=Level.VILLAGE).annotate(
        supervisor=Coalesce(Subquery(watching.values("name")[:1]), Value("")), unit=Subquery(watching.values("unit")[:1]),
        since=Subquery(watching.values("starts_on")[:1]), projects_count=Subquery(counted)).select_related("parent")


def projects(view: View):
    """Projects with who watches them: a supervisor of their own, else that of the village (`of_village`)."""
    own = _in_office(project=OuterRef("pk"))
    village = _in_office(area=OuterRef("area"), project__isnull=True)
    return view.projects().annotate(
        own=Coalesce(Subquery(own.values("name")[:1]), Value("")),
        of_village=Coalesce(Subquery(village.values("name")[:1]), Value("")),
        supervisor=Coalesce(NullIf(F("own"), Value("")), F("of_village")),
        since=Coalesce(Subquery(own.values("starts_on")[:1]), Subquery(village.values("starts_on")[:1]))).select_related("area")


def watching(project: Project) -> Supervisor | None:
    """Who watches the project today."""
    return (_in_office(project=project).first() or _in_office(area=project.area_id, project__isnull=True).first())

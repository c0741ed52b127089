"""Lists of payments to households: made from the register, checked against it, and approved by another person.

A line is paid only when `check` finds nothing against it; lines with findings stay in the list and say why. From the
approval on the database refuses any change of the list.
"""
import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Sum
from django.utils import timezone

from funds.actions import amount_of, require_permitted
from funds.ledger import Refused, plain_text
from funds.models import Account, BatchLine, PaymentBatch
from funds.states import BATCH_STEPS, OPEN_LIST, AccountKind, BatchPurpose, BatchState, BatchUnit, Finding
from households.codes import ACTIVE, MemberStatus
from households.models import Household, HouseholdYear, Member, MemberYear
from office import trail
from office.access import require, within
from office.fields import ring
from office.models import Area, Officer, code_range
from office.money import grouped
from office.roles import Permission


@dataclass(frozen=True)
class Entitled:
    """One payment asked for: a household (16 digits) or a member (18 digits), how many units, and the amount if it is
    not quantity × standard. `holder` is the name on the account, the head of the household when left out."""

    no: str
    quantity: Decimal = Decimal(1)
    amount: Decimal | None = None
    holder: str = ""
    card: str = ""


@transaction.atomic
def create(by: Officer, *, account: Account, area: Area, item: str, year: int, unit: str, standard, use: str,
           purpose: str = BatchPurpose.SUBSIDY, basis: str = "", investment=None, request=None) -> PaymentBatch:
    """An empty list: what is paid, to whom by which standard, and out of which account (of an area or a project)."""
    require(by, Permission.RECORD_MONEY, account.area_id)
    if account.kind not in (AccountKind.BUDGET, AccountKind.PROJECT):
        raise Refused("到户资金只能从本级资金或项目资金账户发放", "account")
    if not (_within(area.pk, account.area_id) or _within(account.area_id, area.pk)):
        raise Refused(f"付款账户属于{account.area}，不能发放给{area}的农户", "area")
    require_permitted(account.appropriation, use)
    if not plain_text(item):
        raise Refused("请写明发放事项，同一事项同一年度每户（人）只能发放一次", "item")
    batch = PaymentBatch.objects.create(
        programme=account.programme, area=area, item=plain_text(item), year=year, unit=unit, standard=amount_of(standard),
        use=use, purpose=purpose, basis=plain_text(basis), account=account, appropriation=account.appropriation,
        project=account.project, investment=investment, recorded_by=by, number=f"pending-{timezone.now().timestamp():.6f}")
    batch.number = f"FF{year}{batch.pk:06d}"
    batch.save(update_fields=["number"])
    trail.record(by, "编制发放批次", f"批次 {batch.number}", area=area.pk, request=request)
    return batch


def _within(code: str, outer: str) -> bool:
    lo, hi = code_range(outer)
    return lo <= code < hi


@transaction.atomic
def fill(batch: PaymentBatch, entitled: Iterable[Entitled] | None = None) -> int:
    """Put lines into an open list: those asked for, or every household (member) of the area in the register of the year.

    Returns the number of lines. Lines that were there before are replaced; all lines then wait for `check`.
    """
    batch = _open(batch)
    households = {row.household_id: row for row in _register(batch)}
    members = _members(batch)
    wanted = list(entitled) if entitled is not None else _everybody(batch, households, members)
    _all_known(batch, wanted)
    batch.lines.all().delete()
    BatchLine.objects.bulk_create(
        (_line(batch, position, one, households, members) for position, one in enumerate(wanted, start=1)),
        batch_size=2000)
    advance(batch, BatchState.DRAFT)
    return len(wanted)


def _all_known(batch: PaymentBatch, wanted: list[Entitled]) -> None:
    """Numbers that the register has never heard of are mistakes of typing, not people to be checked."""
    known = set(Household.objects.in_area(batch.area_id).values_list("pk", flat=True))
    known |= set(Member.objects.in_area(batch.area_id).values_list("pk", flat=True))
    unknown = [one.no for one in wanted if one.no not in known]
    if unknown:
        more = f" 等 {len(unknown)} 个" if len(unknown) > 1 else ""
        raise Refused(f"{batch.area}名册中没有编号 {unknown[0]}{more}，请核对编号")


def _register(batch: PaymentBatch):
    return HouseholdYear.objects.filter(within("village_id", [batch.area_id]), year=batch.year)


def _members(batch: PaymentBatch) -> dict[str, MemberYear]:
    """The latest word of the register on every member from the year of the batch on."""
    rows = MemberYear.objects.filter(within("household_year__village_id", [batch.area_id]), year__gte=batch.year)
    latest = {}
    for row in rows.order_by("year").only("member_id", "name", "status", "relationship", "year", "id_number_index"):
        latest[row.member_id] = row
    return latest


def _everybody(batch: PaymentBatch, households: Mapping, members: Mapping) -> list[Entitled]:
    active = sorted(no for no, row in members.items() if row.status in ACTIVE and no[:16] in households)
    if batch.unit == BatchUnit.PERSON:
        return [Entitled(no) for no in active]
    return [Entitled(no) for no in sorted({no[:16] for no in active})]


def _line(batch: PaymentBatch, position: int, one: Entitled, households: Mapping, members: Mapping) -> BatchLine:
    known = households.get(one.no[:16])
    head = known.head_name if known else ""
    card = "".join((one.card or (known.bank_card if known else "")).split())
    person = members.get(one.no)
    standard = batch.standard
    amount = amount_of(standard * one.quantity if one.amount is None else one.amount)
    return BatchLine(
        batch=batch, position=position, household_id=one.no[:16], member_id=one.no if len(one.no) == 18 else None,
        item=batch.item, year=batch.year, head_name=head, beneficiary=person.name if person else head,
        holder=plain_text(one.holder or head), bank_name=known.bank_name if known else "", card=card, card_tail=card[-4:],
        card_index=ring.blind_index(card) if card else "", standard=standard, quantity=one.quantity, amount=amount, live=False)


@transaction.atomic
def check(batch: PaymentBatch, by: Officer, *, request=None) -> Counter:
    """Hold every line against the register and the other lists; returns how often each finding occurs.

    Lines without a finding become the list to be approved. May be repeated until the approval.
    """
    batch = _open(batch)
    require(by, Permission.RECORD_MONEY, batch.account.area_id)
    batch.lines.update(live=False)
    lines = list(batch.lines.defer("card"))
    found = _findings(batch, lines)
    counts: Counter = Counter()
    changed = []
    for line in lines:
        findings = [str(code) for code in found.get(line.position, ())]
        counts.update(findings)
        if findings != line.findings:
            line.findings = findings
            changed.append(line)
    BatchLine.objects.bulk_update(changed, ["findings"], batch_size=1000)
    try:
        with transaction.atomic():
            batch.lines.filter(findings=[]).update(live=True)
    except IntegrityError as error:
        raise Refused("另一批次刚刚列入了同一事项的相同人员，请重新核对") from error
    control = batch.lines.filter(live=True).aggregate(count=Count("pk"), total=Sum("amount"))
    batch.lines_count, batch.total = control["count"], control["total"] or Decimal(0)
    batch.checked_at = timezone.now()
    advance(batch, BatchState.CHECKED, "lines_count", "total", "checked_at")
    trail.record(by, "核对发放批次", f"批次 {batch.number}", area=batch.area_id, request=request,
                 detail={"lines": len(lines), "paid": batch.lines_count, "findings": dict(counts)})
    return counts


def _findings(batch: PaymentBatch, lines: list[BatchLine]) -> dict[int, list[Finding]]:
    """Findings by position. Of several lines for one person the first stays."""
    members = _members(batch)
    registered = set(_register(batch).values_list("household_id", flat=True))
    by_household = defaultdict(list)
    for no, row in members.items():
        by_household[no[:16]].append(row)
    elsewhere = BatchLine.objects.filter(item=batch.item, year=batch.year, live=True).exclude(batch=batch)
    taken, partly = set(), set()      # numbers that were paid; households of which somebody was paid
    for member, household in elsewhere.values_list("member_id", "household_id"):
        taken.add(member or household)
        partly.update([household] if member else ())
    paid_persons = set(MemberYear.objects.filter(
        year=batch.year, member__in=elsewhere.filter(member__isnull=False).values("member")).values_list(
        "id_number_index", flat=True))
    cards = defaultdict(set)
    for line in lines:
        if line.card_index:
            cards[line.card_index].add(line.household_id)
    seen: set[str] = set()
    found = {}
    for line in lines:
        people = by_household.get(line.household_id, [])
        codes = _against_register(line, people, members, registered)
        person = members.get(line.member_id) if line.member_id else None
        keys = {line.member_id or line.household_id} | ({person.id_number_index} if person else set())
        if keys & seen:
            codes.append(Finding.DUPLICATE_PERSON)
        seen |= keys
        paid = (line.member_id or line.household_id) in taken or line.household_id in (taken if line.member_id else partly)
        if paid or (person and person.id_number_index in paid_persons):
            codes.append(Finding.SAME_ITEM)
        if not line.card_index:
            codes.append(Finding.NO_CARD)
        elif len(cards[line.card_index]) > 1:
            codes.append(Finding.SHARED_CARD)
        if line.amount > line.standard * line.quantity:
            codes.append(Finding.ABOVE_STANDARD)
        if codes:
            found[line.position] = codes
    return found


def _against_register(line: BatchLine, people: list[MemberYear], members: Mapping, registered: set[str]) -> list[Finding]:
    if line.household_id not in registered or (line.member_id and line.member_id not in members):
        return [Finding.NOT_REGISTERED]
    active = [row for row in people if row.status in ACTIVE]
    judged = [members[line.member_id]] if line.member_id else people
    codes = []
    if not any(row.status in ACTIVE for row in judged):
        removed = any(row.status == MemberStatus.REMOVED for row in judged)
        codes.append(Finding.REMOVED if removed else Finding.DECREASED)
    if active and line.holder not in {row.name for row in active}:
        codes.append(Finding.HOLDER)
    return codes


def require_registered(batch: PaymentBatch) -> None:
    """Refused when the register has meanwhile lost somebody of the list: died, moved away or removed since the check."""
    later = MemberYear.objects.filter(member=OuterRef("member"), year__gt=OuterRef("year"))
    active = MemberYear.objects.filter(~Exists(later), year__gte=batch.year, status__in=ACTIVE)
    lines = live_lines(batch)
    persons = lines.filter(~Exists(active.filter(member=OuterRef("member"))), member__isnull=False)
    households = lines.filter(~Exists(active.filter(household_year__household=OuterRef("household"))), member__isnull=True)
    lost = [position for rows in (persons, households) for position in rows.values_list("position", flat=True)]
    if lost:
        raise Refused(f"名单核对以后，登记库中有 {len(lost)} 笔的人员已自然减少、清退或不再在册（第{lost[0]}行"
                      f"{'等' if len(lost) > 1 else ''}），没有发放；请作废或重新编制名单")


@transaction.atomic
def approve(batch: PaymentBatch, by: Officer, *, on: datetime.date | None = None, request=None) -> PaymentBatch:
    """Approve the checked list as it stands, by another person; approving again changes nothing."""
    batch = PaymentBatch.objects.select_for_update(of=("self",)).select_related("account").get(pk=batch.pk)
    require(by, Permission.APPROVE_MONEY, batch.account.area_id)
    if batch.state in (BatchState.APPROVED, BatchState.PAID, BatchState.RECONCILED, BatchState.CLOSED):
        return batch
    if batch.recorded_by_id == by.pk:
        raise Refused("经办人不能批准自己编制的批次，请由另一人批准")
    if batch.state != BatchState.CHECKED:
        raise Refused(f"批次{batch.get_state_display()}，请先核对发放名单再批准")
    if not batch.lines_count:
        raise Refused("名单中没有可以发放的人员，不能批准")
    if batch.account.balance < batch.total:
        raise Refused(f"付款账户余额 {grouped(batch.account.balance)} 元，不足发放 {grouped(batch.total)} 元")
    on = on or timezone.localdate()
    if on < batch.appropriation.issued_on:
        document = batch.appropriation
        raise Refused(f"批准日期 {on} 早于指标文 {document.document_number} 的下达日期 {document.issued_on}")
    require_registered(batch)
    batch.approved_by, batch.approved_on = by, on
    advance(batch, BatchState.APPROVED, "approved_by", "approved_on")
    trail.record(by, "批准发放批次", f"批次 {batch.number}", area=batch.area_id, request=request,
                 detail={"lines": batch.lines_count, "total": str(batch.total)})
    return batch


@transaction.atomic
def discard(batch: PaymentBatch, by: Officer, *, request=None) -> PaymentBatch:
    """Set aside a list that has not been paid; its people are free for another list."""
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    require(by, Permission.RECORD_MONEY, batch.account.area_id)
    advance(batch, BatchState.DISCARDED)
    batch.lines.update(live=False)
    trail.record(by, "作废发放批次", f"批次 {batch.number}", area=batch.area_id, request=request)
    return batch


def _open(batch: PaymentBatch) -> PaymentBatch:
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in OPEN_LIST:
        raise Refused(f"批次{batch.get_state_display()}，名单不能再改动")
    return batch


def advance(batch: PaymentBatch, state: str, *fields: str) -> None:
    """Take the next step; Refused when it does not follow the present one."""
    if state != batch.state and state not in BATCH_STEPS[batch.state]:
        raise Refused(f"批次{batch.get_state_display()}，不能转为“{BatchState(state).label}”")
    batch.state = state
    batch.save(update_fields=["state", *fields])


def live_lines(batch: PaymentBatch):
    """The approved list in its order."""
    return batch.lines.filter(live=True).order_by("position")

"""Vouchers: finance records a movement of money, another person approves it, and only then it is posted.

Every function checks first and says in a sentence what stands against it; what slips through is refused by the
database. Amounts are yuan; more than two decimals are refused, never rounded.
"""
import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from funds import accounts, ledger, pledges
from funds.ledger import Refused, plain_text
from funds.models import Account, Appropriation, Movement, PermittedUse, Project, Voucher
from funds.states import ROUTES, SPENDING, AccountKind, Kind, VoucherState
from office import trail
from office.access import require
from office.models import Area, Officer, Programme, prefix_of
from office.money import MoneyError, grouped, parse, to_fen
from office.roles import Permission

_TEXTS = ("number", "payee", "payee_account", "network_number", "note", "use", "stage")


def amount_of(value) -> Decimal:
    """A positive amount in yuan from a form or a cell; Refused with a sentence otherwise."""
    try:
        amount = parse(value)
    except MoneyError as error:
        raise Refused(f"金额“{value}”{error}", "amount") from error
    if amount is None or amount <= 0:
        raise Refused("金额必须大于零", "amount")
    return amount


def appropriation_of(document_number: str, area: Area | str, *, line: int = 1) -> Appropriation:
    """The document that money in an area rests on, by its number; Refused when no such document is registered."""
    code = area if isinstance(area, str) else area.pk
    found = Appropriation.objects.filter(document_number=document_number.strip(), line=line)
    above = [code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)]
    found = found.filter(area_id__in=above).order_by("-area_id").first()
    if found is None:
        raise Refused(f"指标文号“{document_number}”没有登记，请先登记指标文再分配或支付")
    return found


def require_permitted(appropriation: Appropriation, use: str) -> None:
    """Refused unless the document permits the use."""
    permitted = list(appropriation.uses.values_list("name", flat=True))
    if use not in permitted:
        raise Refused(f"用途“{use}”不在指标文 {appropriation.document_number} 允许的范围内"
                      f"（允许：{'、'.join(permitted)}），专项资金须专款专用", "use")


@transaction.atomic
def record_appropriation(by: Officer, *, programme: Programme, area: Area, document_number: str, title: str, source: str,
                         payer_name: str, issued_on: datetime.date, amount, subject_code: str,
                         permitted_uses: Iterable[str], on: datetime.date | None = None, year: int | None = None,
                         line: int = 1, economic_code: str = "", special_line: str = "", pledge=None, note: str = "",
                         request=None) -> Voucher:
    """A document that grants money to an area: registered with its permitted uses, and the voucher that takes it in.

    `on` is the day the money arrived (the day of the document when left out). A document whose voucher was sent back or
    withdrawn is registered anew in its place.
    """
    require(by, Permission.RECORD_MONEY, area.pk)
    appropriation = Appropriation(
        programme=programme, area=area, document_number=plain_text(document_number), line=line, title=plain_text(title),
        source=source, payer_name=plain_text(payer_name), issued_on=issued_on, year=year or issued_on.year,
        amount=amount_of(amount), subject_code=subject_code.strip(), economic_code=economic_code.strip(),
        special_line=special_line, pledge=pledge, note=plain_text(note), recorded_by=by)
    uses = list(dict.fromkeys(plain_text(use) for use in permitted_uses if plain_text(use)))
    if not uses:
        raise Refused("请写明指标文允许的用途，没有用途的资金不能支付", "uses")
    room = PermittedUse._meta.get_field("name").max_length
    if longest := next((use for use in uses if len(use) > room), None):
        raise Refused(f"用途“{longest[:20]}…”超过 {room} 个字，请一行只写一项用途", "uses")
    if issued_on > timezone.localdate():
        raise Refused(f"下达日期 {issued_on} 还没有到，只能登记已经下达的资金", "issued_on")
    again = _never_taken_in(appropriation)
    if pledge is not None:
        pledges.require_fit(pledge, appropriation)
    if again is not None:
        again.uses.all().delete()
        appropriation.pk, appropriation._state.adding = again.pk, False
    _save(appropriation)
    PermittedUse.objects.bulk_create(PermittedUse(appropriation=appropriation, name=use) for use in uses)
    return _record(by, Kind.APPROPRIATION, appropriation, accounts.source(appropriation),
                   accounts.budget(appropriation, area), appropriation.amount, on or issued_on, area.pk, request=request)


@transaction.atomic
def record_transfer(by: Officer, *, account: Account, area: Area, amount, on: datetime.date, request=None,
                    **texts) -> Voucher:
    """Money goes down from the area that holds it to an area inside it, under the same document."""
    require(by, Permission.RECORD_MONEY, account.area_id)
    if not _inside(area.pk, account.area_id):
        raise Refused(f"资金只能逐级向下分解：{area}不在{account.area}之内")
    target = accounts.budget(account.appropriation, area, account.year)
    return _record(by, Kind.TRANSFER, account.appropriation, account, target, amount_of(amount), on, area.pk,
                   request=request, **texts)


@transaction.atomic
def record_split(by: Officer, *, account: Account, parts: Mapping[Area, Decimal], on: datetime.date, request=None,
                 **texts) -> list[Voucher]:
    """One transfer per area; together they may not exceed what the account holds (funds.shares makes exact parts)."""
    _enough(account, sum(map(amount_of, parts.values()), Decimal(0)))
    return [record_transfer(by, account=account, area=area, amount=amount, on=on, request=request, **texts)
            for area, amount in parts.items()]


@transaction.atomic
def record_commitment(by: Officer, *, account: Account, project: Project, amount, on: datetime.date, request=None,
                      **texts) -> Voucher:
    """Money of an area is bound to a project of the library; the project's use must be one the document permits."""
    require(by, Permission.RECORD_MONEY, account.area_id)
    target = accounts.project(account.appropriation, project, account.year)
    return _record(by, Kind.COMMITMENT, account.appropriation, account, target, amount_of(amount), on, project.area_id,
                   project=project, request=request, **{"use": project.use, **texts})


@transaction.atomic
def record_payment(by: Officer, *, account: Account, amount, on: datetime.date, payee: str, stage: str = "",
                   payee_account: str = "", request=None, **texts) -> Voucher:
    """A payment to an implementer or supplier out of a project's account (advance, progress, final, retention)."""
    require(by, Permission.RECORD_MONEY, account.area_id)
    if account.kind != AccountKind.PROJECT:
        raise Refused("支付须从项目资金账户列支，请先把资金安排到项目")
    texts = {"use": account.project.use, **texts, "payee": payee, "payee_account": payee_account[-4:], "stage": stage}
    return _record(by, Kind.PAYMENT, account.appropriation, account,
                   accounts.payee(account.appropriation, account.project), amount_of(amount), on,
                   account.project.area_id, project=account.project, request=request, **texts)


@transaction.atomic
def record_refund(by: Officer, *, account: Account, to_account: Account, amount, on: datetime.date, request=None,
                  **texts) -> Voucher:
    """Money comes back: from a payee to the project, from a project to the area, from the area to the source."""
    require(by, Permission.RECORD_MONEY, account.area_id)
    appropriation = account.appropriation
    project = account.project or to_account.project
    return _record(by, Kind.REFUND, appropriation, account, to_account, amount_of(amount), on, account.area_id,
                   project=project, request=request, **texts)


@transaction.atomic
def record_carry_over(by: Officer, *, account: Account, on: datetime.date, amount=None, request=None, **texts) -> Voucher:
    """What is left at the end of the year goes into the same account of the next year."""
    require(by, Permission.RECORD_MONEY, account.area_id)
    if account.kind not in (AccountKind.BUDGET, AccountKind.PROJECT):
        raise Refused("只有本级资金和项目资金可以结转")
    make = accounts.budget if account.kind == AccountKind.BUDGET else accounts.project
    target = make(account.appropriation, account.project or account.area, account.year + 1)
    amount = account.balance if amount is None else amount
    return _record(by, Kind.CARRY_OVER, account.appropriation, account, target, amount_of(amount), on, account.area_id,
                   project=account.project, request=request, **texts)


@transaction.atomic
def record_reversal(by: Officer, movement: Movement, *, on: datetime.date, reason: str, request=None) -> Voucher:
    """Undo one movement by a movement of the same amount in the other direction; the reason is part of it."""
    require(by, Permission.RECORD_MONEY, _keeper(movement.from_account, movement.to_account))
    if movement.kind == Kind.REVERSAL:
        raise Refused("冲正本身不能再冲正，请按实际情况重新登记")
    if Movement.objects.filter(reverses=movement).exists():
        raise Refused(f"第{movement.pk}号流水已经冲正，不能重复冲正")
    if not plain_text(reason):
        raise Refused("请写明冲正原因", "reason")
    return _record(by, Kind.REVERSAL, movement.appropriation, movement.to_account, movement.from_account, movement.amount,
                   on, movement.area_id, project=movement.project, reverses_sequence=movement.pk, note=reason,
                   use=movement.use, request=request)


@transaction.atomic
def approve(voucher: Voucher, by: Officer, *, note: str = "", request=None) -> Movement:
    """Approve and post, once: approving again returns the same row. Refused for the recorder and for a closed voucher."""
    voucher = Voucher.objects.select_for_update(of=("self",)).select_related("from_account", "to_account").get(pk=voucher.pk)
    require(by, Permission.APPROVE_MONEY, _keeper(voucher.from_account, voucher.to_account))
    if voucher.state == VoucherState.APPROVED:
        return Movement.objects.get(voucher=voucher)
    _decidable(voucher, by)
    _decide(voucher, by, VoucherState.APPROVED, note)
    [sequence] = ledger.post([_row(voucher)])
    trail.record(by, "复核入账", f"凭证 {voucher.number}", area=voucher.area_id, request=request,
                 detail={"sequence": sequence, "amount": str(voucher.amount), "kind": voucher.kind})
    return Movement.objects.get(pk=sequence)


@transaction.atomic
def approve_all(vouchers: Iterable[Voucher], by: Officer, *, request=None) -> list[Movement]:
    """Approve several, all or none."""
    return [approve(voucher, by, request=request) for voucher in sorted(vouchers, key=lambda voucher: voucher.pk)]


@transaction.atomic
def refuse(voucher: Voucher, by: Officer, *, note: str, request=None) -> Voucher:
    """Send a draft back with a reason; nothing is posted."""
    voucher = Voucher.objects.select_for_update(of=("self",)).select_related("from_account", "to_account").get(pk=voucher.pk)
    require(by, Permission.APPROVE_MONEY, _keeper(voucher.from_account, voucher.to_account))
    _decidable(voucher, by)
    if not plain_text(note):
        raise Refused("请写明退回原因")
    _decide(voucher, by, VoucherState.REFUSED, note)
    trail.record(by, "退回凭证", f"凭证 {voucher.number}", area=voucher.area_id, request=request)
    return voucher


@transaction.atomic
def withdraw(voucher: Voucher, by: Officer, *, request=None) -> Voucher:
    """The recorder takes a draft back."""
    voucher = Voucher.objects.select_for_update().get(pk=voucher.pk)
    if voucher.recorded_by_id != by.pk or voucher.state != VoucherState.DRAFT:
        raise Refused("只有经办人可以撤回自己登记且尚未复核的凭证")
    voucher.state = VoucherState.WITHDRAWN
    voucher.save(update_fields=["state"])
    trail.record(by, "撤回凭证", f"凭证 {voucher.number}", area=voucher.area_id, request=request)
    return voucher


def _record(by: Officer, kind: str, appropriation: Appropriation, from_account: Account, to_account: Account,
            amount: Decimal, on: datetime.date, area_code: str, *, project: Project | None = None, request=None,
            reverses_sequence: int | None = None, **texts) -> Voucher:
    unknown = set(texts) - set(_TEXTS)
    if unknown:
        raise TypeError(f"no such field of a voucher: {sorted(unknown)}")
    texts = {name: plain_text(text) for name, text in texts.items()}
    _check(kind, appropriation, from_account, to_account, amount, on, project, texts.get("use", ""))
    voucher = Voucher(kind=kind, appropriation=appropriation, from_account=from_account, to_account=to_account,
                      amount=amount, on=on, area_id=area_code, project=project, recorded_by=by,
                      reverses_sequence=reverses_sequence, **texts)
    _save(voucher)
    if not voucher.number:
        voucher.number = f"{on.year}-{voucher.pk:06d}"
        voucher.save(update_fields=["number"])
    trail.record(by, "登记凭证", f"凭证 {voucher.number}", area=area_code, request=request,
                 detail={"kind": str(kind), "amount": str(amount)})
    return voucher


def _check(kind, appropriation, from_account, to_account, amount, on, project, use) -> None:
    """What can be said before it is posted, with the document that the rule rests on."""
    document = f"指标文 {appropriation.document_number}"
    if kind != Kind.REVERSAL and (from_account.kind, to_account.kind) not in ROUTES[kind]:
        raise Refused(f"“{Kind(kind).label}”不能从{from_account.get_kind_display()}到{to_account.get_kind_display()}")
    if on < appropriation.issued_on:
        raise Refused(f"日期 {on} 早于{document} 的下达日期 {appropriation.issued_on}，依据尚未成立", "on")
    if on > timezone.localdate():
        raise Refused(f"日期 {on} 还没有到，只能登记已经发生的资金流动", "on")
    if kind in SPENDING:
        require_permitted(appropriation, use)
        if project is not None and (project.entered_on is None or project.entered_on > on):
            raise Refused(f"项目 {project.number} 在 {on} 尚未入库，无项目入库不得安排资金", "project")
    if from_account.kind != AccountKind.SOURCE:
        from_account.refresh_from_db(fields=["balance", "last_in_on"])
        if from_account.last_in_on and on < from_account.last_in_on:
            raise Refused(f"日期 {on} 早于付方账户最近一笔收入的日期 {from_account.last_in_on}，当时资金尚未到位", "on")
        _enough(from_account, amount)


def _enough(account: Account, amount: Decimal) -> None:
    if account.balance < amount:
        raise Refused(f"余额不足：{account} 现有 {grouped(account.balance)} 元，需要 {grouped(amount)} 元，不得超支",
                      "amount")


def _save(thing) -> None:
    """Save with the model's own rules as sentences."""
    try:
        thing.full_clean(validate_unique=False)
        with transaction.atomic():
            thing.save()
    except ValidationError as error:
        [field] = error.message_dict if len(error.message_dict) == 1 else [""]
        raise Refused("；".join(error.messages), field) from error
    except IntegrityError as error:
        raise Refused("同样的内容刚刚已经登记，请刷新后查看") from error


def _never_taken_in(appropriation: Appropriation) -> Appropriation | None:
    """The same line of the document, if it was registered and all its vouchers were sent back or withdrawn; None when it is
    new. Refused when it waits or is posted, naming who registered it and for how much."""
    first = Appropriation.objects.select_for_update(of=("self",)).filter(
        document_number=appropriation.document_number, programme=appropriation.programme, area=appropriation.area,
        line=appropriation.line).select_related("recorded_by").first()
    if first is None or not (Movement.objects.filter(appropriation=first).exists() or Voucher.objects.filter(
            appropriation=first, state__in=(VoucherState.DRAFT, VoucherState.APPROVED)).exists()):
        return first
    raise Refused(f"指标文号 {first.document_number} 第{first.line}行已由{first.recorded_by}于"
                  f" {timezone.localdate(first.recorded_at)} 登记，金额 {grouped(first.amount)} 元；同一笔资金不能登记两次，"
                  "文件下达的另一笔请改填行次", "document_number")


def _decidable(voucher: Voucher, by: Officer) -> None:
    if voucher.recorded_by_id == by.pk:
        raise Refused("经办人不能复核自己登记的凭证，请由另一人复核")
    if voucher.state != VoucherState.DRAFT:
        raise Refused(f"该凭证{voucher.get_state_display()}，不能再复核")


def _decide(voucher: Voucher, by: Officer, state: str, note: str) -> None:
    voucher.state, voucher.decided_by, voucher.decided_at, voucher.decision_note = state, by, timezone.now(), plain_text(note)
    voucher.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])


def _row(voucher: Voucher) -> tuple:
    appropriation = voucher.appropriation
    return ledger.row(
        on=voucher.on.isoformat(), kind=voucher.kind, stage=voucher.stage, from_account_id=voucher.from_account_id,
        to_account_id=voucher.to_account_id, amount=to_fen(voucher.amount), appropriation_id=appropriation.pk,
        document=appropriation.document_number, subject_code=appropriation.subject_code,
        economic_code=appropriation.economic_code, use=voucher.use, area_id=voucher.area_id, project_id=voucher.project_id,
        voucher_id=voucher.pk, voucher_number=voucher.number, payee=voucher.payee, payee_account=voucher.payee_account,
        network_number=voucher.network_number, note=voucher.note, reverses_id=voucher.reverses_sequence,
        recorded_by_id=voucher.recorded_by_id, approved_by_id=voucher.decided_by_id)


def _keeper(from_account: Account, to_account: Account) -> str:
    """The area whose finance keeps the account that pays; for money from outside, the one that receives."""
    return to_account.area_id if from_account.kind == AccountKind.SOURCE else from_account.area_id


def _inside(code: str, outer: str) -> bool:
    return code != outer and code.startswith(prefix_of(outer))

"""What finance recorded and another person decides on: the queue, one voucher, approving several at once."""
from decimal import Decimal

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render

from funds import actions
from funds.filters import VOUCHERS_AT_ONCE, VoucherFilter, address
from funds.ledger import Refused
from funds.models import Account, Movement, Voucher
from funds.rules import funding
from funds.states import AccountKind, Kind, VoucherState
from office.access import allow, covers
from office.models import Officer
from office.money import grouped
from office.paging import page_by_key
from office.roles import Permission

HOME = {"label": "凭证", "url": "/funds/vouchers/"}
SHOWN = ("area", "from_account__area", "from_account__project", "to_account__area", "to_account__project", "appropriation",
         "project", "recorded_by", "decided_by")
TONES = {VoucherState.DRAFT: "wait", VoucherState.APPROVED: "good", VoucherState.REFUSED: "bad", VoucherState.WITHDRAWN: "none"}


def keeper_of(voucher: Voucher) -> str:
    """The area whose finance keeps the account that pays; for money from outside, the one that receives."""
    paying = voucher.to_account if voucher.from_account.kind == AccountKind.SOURCE else voucher.from_account
    return paying.area_id


def may_decide(officer: Officer, voucher: Voucher) -> bool:
    return voucher.state == VoucherState.DRAFT and voucher.recorded_by_id != officer.pk and covers(
        officer, Permission.APPROVE_MONEY, keeper_of(voucher))


@allow(Permission.SEE_MONEY)
def voucher_list(request):
    """Vouchers by state; who may decide finds what waits for him first."""
    state = request.GET.get("state", VoucherState.DRAFT)
    state = state if state in VoucherState.values else VoucherState.DRAFT
    own = Voucher.objects.visible_to(request.user)
    counts = own.aggregate(**{value: Count("pk", filter=Q(state=value)) for value in VoucherState.values})
    form = VoucherFilter(request.GET)
    rows = own.filter(state=state).select_related(*SHOWN)
    if form.is_valid() and (q := form.cleaned_data["q"]):
        rows = rows.filter(number__startswith=q)
    page = page_by_key(rows, request.GET, descending=True)
    for row in page:
        row.tone, row.decidable = TONES[row.state], may_decide(request.user, row)
    return render(request, "funds/vouchers.html", {
        "title": "凭证", "page": page, "form": form, "state": state,
        "decidable": any(row.decidable for row in page), "keep": [{"name": "state", "value": state}],
        "may_record": request.user.may(Permission.RECORD_MONEY), "reset_url": f"?state={state}",
        "tabs": [{"label": label, "url": f"?state={value}", "active": value == state, "count": counts[value]}
                 for value, label in VoucherState.choices]})


@allow(Permission.SEE_MONEY)
def voucher(request, pk):
    """One voucher, what approving it would do in numbers, and who has dealt with it."""
    found = get_object_or_404(Voucher.objects.visible_to(request.user).select_related(*SHOWN), pk=pk)
    found.tone = TONES[found.state]
    movement = Movement.objects.filter(voucher=found).first()
    decide = may_decide(request.user, found)
    return render(request, "funds/voucher.html", {
        "title": f"凭证 {found.number}", "voucher": found, "movement": movement, "may_decide": decide,
        "effects": effects([found]) if found.state == VoucherState.DRAFT else [],
        "reversed": Movement.objects.filter(pk=found.reverses_sequence).first() if found.reverses_sequence else None,
        "is_own": found.recorded_by_id == request.user.pk, "uses": _uses(found),
        "seen": set(Account.objects.visible_to(request.user).filter(pk__in=(found.from_account_id, found.to_account_id))
                    .values_list("pk", flat=True)),
        "crumbs": [HOME, {"label": found.number}]})


def _uses(found: Voucher) -> list[dict]:
    """What a new document's money may be used for, and whether the programme names that use: the approver decides on it."""
    if found.kind != Kind.APPROPRIATION:
        return []
    rules = funding(found.appropriation.programme_id)
    return [{"name": one.name, "named": rules.names(one.name)} for one in found.appropriation.uses.all()]


def effects(vouchers: list[Voucher]) -> list[str]:
    """What approving does to each account, as sentences with numbers."""
    changes: dict[int, Decimal] = {}
    accounts: dict[int, Account] = {}
    for one in vouchers:
        for account, sign in ((one.from_account, -1), (one.to_account, 1)):
            accounts[account.pk] = account
            changes[account.pk] = changes.get(account.pk, Decimal(0)) + sign * one.amount
    sentences = []
    for pk, change in changes.items():
        account = accounts[pk]
        if account.kind != AccountKind.SOURCE:
            name = account.project.name if account.project else account.area.name
            sentences.append(f"{name} {account.get_kind_display()}：{grouped(account.balance)} 元 "
                             f"{'+' if change >= 0 else '−'} {grouped(abs(change))} 元 = {grouped(account.balance + change)} 元")
    return sentences


def _own_or_404(request, pk) -> Voucher:
    return get_object_or_404(Voucher.objects.visible_to(request.user), pk=pk)


@allow(Permission.APPROVE_MONEY, methods=("POST",), writes=True)
def voucher_approve(request, pk):
    """Approve and post. A second click finds it posted and changes nothing."""
    found = _own_or_404(request, pk)
    try:
        posted = actions.approve(found, request.user, request=request)
    except Refused as refused:
        messages.error(request, f"没有入账：{refused}")
        return redirect("funds:voucher", found.pk)
    if posted.approved_by_id == request.user.pk:
        messages.success(request, f"已入账：第{posted.pk}号流水，{grouped(posted.amount)} 元。")
    else:
        messages.info(request, f"这张凭证已由{posted.approved_by}先行复核入账（{grouped(posted.amount)} 元），没有重复入账。")
    return redirect("funds:movement", posted.pk)


@allow(Permission.APPROVE_MONEY, methods=("POST",), writes=True)
def voucher_refuse(request, pk):
    """Send a voucher back with a reason."""
    found = _own_or_404(request, pk)
    try:
        actions.refuse(found, request.user, note=request.POST.get("reason", ""), request=request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"凭证 {found.number} 已退回经办人，没有入账。")
    return redirect("funds:voucher", found.pk)


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def voucher_withdraw(request, pk):
    """The recorder takes an own draft back."""
    found = _own_or_404(request, pk)
    try:
        actions.withdraw(found, request.user, request=request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"凭证 {found.number} 已撤回。")
    return redirect("funds:voucher", found.pk)


def _say_posted(request, posted: list[Movement]) -> None:
    """What this person approved, and what somebody else had approved meanwhile."""
    own = [one for one in posted if one.approved_by_id == request.user.pk]
    if own:
        total = sum((one.amount for one in own), Decimal(0))
        messages.success(request, f"已入账 {len(own)} 张凭证，合计 {grouped(total)} 元。")
    if others := [one for one in posted if one.approved_by_id != request.user.pk]:
        names = "、".join(sorted({str(one.approved_by) for one in others}))
        messages.info(request, f"{len(others)} 张凭证已由{names}先行复核入账，没有重复入账。")


@allow(Permission.APPROVE_MONEY, methods=("POST",), writes=True)
def vouchers_approve(request):
    """Approve several: first what they will do together, in numbers, then all of them or none."""
    chosen = [int(value[:15]) for value in request.POST.getlist("voucher") if value.isascii() and value.isdigit()]
    found = list(Voucher.objects.visible_to(request.user).filter(pk__in=chosen[:VOUCHERS_AT_ONCE]).select_related(*SHOWN)
                 .order_by("pk"))
    if len(chosen) > VOUCHERS_AT_ONCE:
        messages.info(request, f"一次最多复核 {VOUCHERS_AT_ONCE} 张凭证，其余 {len(chosen) - VOUCHERS_AT_ONCE} 张留在列表中。")
    if not found:
        messages.info(request, "没有选择凭证，请先在要复核的凭证前打勾。")
        return redirect("funds:vouchers")
    if request.POST.get("confirmed") == "yes":
        try:
            posted = actions.approve_all(found, request.user, request=request)
        except Refused as refused:
            messages.error(request, f"全部没有入账：{refused}")
        else:
            _say_posted(request, posted)
        return redirect("funds:vouchers")
    waiting = [one for one in found if one.state == VoucherState.DRAFT]
    if len(waiting) < len(found):
        messages.info(request, f"{len(found) - len(waiting)} 张凭证已经处理过，不再列入。")
    if not waiting:
        return redirect("funds:vouchers")
    return render(request, "funds/vouchers_approve.html", {
        "title": f"复核 {len(waiting)} 张凭证", "vouchers": waiting, "effects": effects(waiting),
        "total": sum((one.amount for one in waiting), Decimal(0)),
        "back_url": address("funds:vouchers"), "crumbs": [HOME, {"label": "复核"}]})

"""Recording what happens to the money of an account: transfers down, commitments, payments, refunds, carry-over, reversal."""
import datetime
from decimal import Decimal
from operator import attrgetter

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from funds import actions
from funds.filters import address
from funds.forms import CarryOverForm, CommitForm, PayForm, RefundForm, ReversalForm, TransferForm, a_moment_ago
from funds.models import Account, Movement, Voucher
from funds.states import AccountKind, Kind, VoucherState
from office.access import allow, require
from office.models import Officer
from office.money import grouped
from office.roles import Permission

STEPS = {
    "transfer": (TransferForm, Kind.TRANSFER, "分解下达", (AccountKind.BUDGET,)),
    "commit": (CommitForm, Kind.COMMITMENT, "安排到项目", (AccountKind.BUDGET,)),
    "pay": (PayForm, Kind.PAYMENT, "支付", (AccountKind.PROJECT,)),
    "refund": (RefundForm, Kind.REFUND, "退回", (AccountKind.BUDGET, AccountKind.PROJECT, AccountKind.PAYEE)),
    "carry-over": (CarryOverForm, Kind.CARRY_OVER, "结转下年", (AccountKind.BUDGET, AccountKind.PROJECT)),
}
TAKES_ACCOUNT = ("transfer", "commit", "refund")      # forms whose choices depend on the account


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def account_step(request, pk, step):
    """A form for one step; what it records waits for another person."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("area", "appropriation", "project"),
                                pk=pk)
    if step not in STEPS or account.kind not in STEPS[step][3]:
        raise Http404("这个账户不能办理这一步")
    require(request.user, Permission.RECORD_MONEY, account.area_id)
    form_class, _, label, _ = STEPS[step]
    form = form_class(request.POST or None, **({"account": account} if step in TAKES_ACCOUNT else {}))
    if request.method == "POST" and form.is_valid():
        vouchers = form.carried_out(_record, request, account, step, dict(form.cleaned_data))
        if vouchers:
            total = sum((one.amount for one in vouchers), Decimal(0))
            if len(vouchers) == 1:      # its page says what comes next
                messages.success(request, f"已登记，{grouped(total)} 元。")
                return redirect("funds:voucher", vouchers[0].pk)
            messages.success(request, f"已登记 {len(vouchers)} 张凭证，合计 {grouped(total)} 元；由另一人复核后才入账。")
            return redirect("funds:vouchers")
    return render(request, "funds/account_step.html", {
        "title": f"{label} · {account.area.name}", "form": form, "account": account, "label": label, "step": step,
        "crumbs": [{"label": "资金指标", "url": address("funds:appropriations")},
                   {"label": account.appropriation.document_number,
                    "url": address("funds:appropriation", account.appropriation_id)}, {"label": label}]},
        status=422 if form.errors else 200)


@transaction.atomic
def _record(request, account: Account, step: str, facts: dict) -> list[Voucher]:
    """The vouchers of the step; those recorded a moment ago when this is a second click."""
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)     # two clicks wait for one another here
    parts = facts.pop("parts", None)
    for name in [name for name in facts if name.startswith("part_")]:
        del facts[name]
    if twins := _twins(request.user, account, STEPS[step][1], _asked(account, facts, parts), facts["on"]):
        messages.info(request, "同样的凭证刚刚已经登记，没有重复登记。")
        return twins
    if step == "transfer":
        return actions.record_split(request.user, account=account, parts=parts, request=request, **facts)
    record = {"commit": actions.record_commitment, "pay": actions.record_payment, "refund": actions.record_refund,
              "carry-over": actions.record_carry_over}[step]
    return [record(request.user, account=account, request=request, **facts)]


def _asked(account: Account, facts: dict, parts: dict | None) -> list[dict]:
    """What each voucher of the step would say that tells it from another one of the same day."""
    if parts:
        return [{"amount": amount, "to_account.area_id": area.pk} for area, amount in parts.items()]
    told = {"amount": facts.get("amount") or account.balance}
    names = ("project", "stage", "payee", "network_number", "to_account")
    return [told | {name: facts[name] for name in names if name in facts}]


def _twins(officer: Officer, account: Account, kind: str, asked: list[dict], on: datetime.date) -> list[Voucher]:
    """The vouchers recorded a moment ago that say all of this; none when one of them is missing."""
    recent = list(Voucher.objects.select_related("to_account").filter(
        from_account=account, kind=kind, on=on, recorded_by=officer, state=VoucherState.DRAFT, recorded_at__gte=a_moment_ago()))
    twins = []
    for told in asked:
        twin = next((one for one in recent if one not in twins and all(
            attrgetter(name)(one) == value for name, value in told.items())), None)
        if twin is None:
            return []
        twins.append(twin)
    return twins


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def reverse_movement(request, pk):
    """Ask for a reversal: the movement stays, an opposite one of the same amount is recorded and approved by another."""
    found = get_object_or_404(Movement.objects.visible_to(request.user).select_related(
        "from_account__area", "to_account__area", "appropriation", "project"), pk=pk)
    form = ReversalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        twin = Voucher.objects.filter(reverses_sequence=found.pk, state=VoucherState.DRAFT, recorded_by=request.user).first()
        voucher = twin or form.carried_out(actions.record_reversal, request.user, found, request=request, **form.cleaned_data)
        if voucher:
            messages.success(request, f"已登记冲正凭证 {voucher.number}；由另一人复核后才入账。")
            return redirect("funds:voucher", voucher.pk)
    return render(request, "funds/reversal.html", {
        "title": f"冲正第{found.pk}号流水", "movement": found, "form": form,
        "crumbs": [{"label": "资金流水", "url": address("funds:movements")},
                   {"label": f"第{found.pk}号", "url": address("funds:movement", found.pk)}, {"label": "冲正"}]},
        status=422 if form.errors else 200)

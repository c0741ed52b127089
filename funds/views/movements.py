"""The ledger to read: lists that add up to a figure, one movement with everything it rests on, one account."""
from dataclasses import replace

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from funds import entry_lists, flows, sheets
from funds.balances import movements_of, with_balance
from funds.filters import LEVELS, DayForm, MovementFilter, address, parameters_of, read_lens
from funds.flows import FLOWS, Lens, Part, Rows
from funds.idle import WORDS, days_idle, limits, rule_in_words
from funds.models import Account, Movement, Project
from funds.states import AccountKind, Kind
from office.access import allow, covers, within
from office.models import Officer, code_range
from office.paging import Page, page_by_key
from office.roles import Permission

SHOWN = ("area", "from_account__area", "to_account__area", "appropriation", "project", "from_account__project",
         "to_account__project")
LINKS = ("appropriation", "project", "batch", "account")       # numbers that an address may carry
KEPT = ("flow", "own", "level", "sheet", "side", "stage", "item", "item_year", "household", *LINKS, *entry_lists.KEPT)
ADDING_UP = ("flow", "account", "household", "batch", "item", *entry_lists.NUMBERS)   # lists of one figure, so that they add up


def _asked_numbers(request) -> dict[str, int]:
    return {name: int(request.GET[name][:15]) for name in LINKS
            if request.GET.get(name, "").isascii() and request.GET.get(name, "").isdigit()}


def _narrowed(request, lens: Lens, form) -> Rows:
    """Movements the address asks for, and which of them count as minus.

    What makes up a figure is shown in full, also where a payment went to a household outside the officer's areas; the
    rows then do not say whose. Everything else starts from what the officer may see.
    """
    numbers, asked = _asked_numbers(request), form.cleaned_data
    flow, account = request.GET.get("flow", ""), numbers.pop("account", None)
    if flow in FLOWS:
        rows = _of_figure(request, lens, flow, numbers.pop("project", None))
    elif account and Account.objects.visible_to(request.user).filter(pk=account).exists():
        rows = _of_account(lens, account, request.GET.get("side", ""))
    else:
        returned = Q(pk__in=[]) if asked.get("kind") else Q(kind__in=(Kind.REFUND, Kind.REVERSAL))
        rows = Rows(lens.movements().visible_to(request.user), ~returned, returned)
        if request.GET.get("area"):
            rows = rows.narrowed(within("area_id", [lens.area.pk]))
    conditions = {f"{name}_id": value for name, value in numbers.items()}
    if asked.get("kind"):
        conditions["kind"] = asked["kind"]
    if asked.get("since"):
        conditions["on__gte"] = asked["since"]
    rows = entry_lists.narrowed(request.GET, rows.narrowed(Q(**conditions), *_of_list(request)))
    if q := asked.get("q"):
        rows = rows.narrowed(Q(voucher_number=q) | Q(document=q) | Q(payee__startswith=q))
    if stage := request.GET.get("stage", ""):
        rows = replace(rows, movements=sheets.of_stage(rows.movements).filter(
            of_stage="" if stage == sheets.UNSTAGED else stage))
    return rows


def _of_figure(request, lens: Lens, flow: str, project: int | None) -> Rows:
    """The rows of one figure, as its address says."""
    level = request.GET.get("level", "")
    if project and not Project.objects.visible_to(request.user).filter(pk=project).exists():
        raise Http404("没有这个项目")
    return flows.flow(lens, flow, Part(own=bool(request.GET.get("own")), level=level if level in LEVELS else "",
                                       sheet=bool(request.GET.get("sheet")), project=project))


def _of_account(lens: Lens, account: int, side: str) -> Rows:
    """All movements of one account (`side`: in, out, else both)."""
    came, went, none = Q(to_account=account), Q(from_account=account), Q(pk__in=[])
    return Rows(lens.movements(), *{"in": (came, none), "out": (went, none)}.get(side, (came, went)))


def _of_list(request) -> list[Q]:
    """Narrowed to a household, or to an item of a year's lists."""
    conditions = []
    if household := request.GET.get("household", ""):
        conditions.append(Q(household_id=household[:16]))
    if item := request.GET.get("item", ""):
        conditions.append(Q(batch__item=item))
    year = request.GET.get("item_year", "")
    if year.isascii() and year.isdigit():
        conditions.append(Q(batch__year=int(year[:4])))
    return conditions


@allow(Permission.SEE_MONEY)
def movement_list(request):
    """Movements, the latest first, with the sum of all of them; whatever figure led here, the sum is that figure."""
    lens, form = read_lens(request, MovementFilter)
    rows = _narrowed(request, lens, form)
    adds_up = any(request.GET.get(name) for name in ADDING_UP) or form.cleaned_data.get("kind")
    page = _page(rows.listed, request)
    negative = set(rows.movements.filter(rows.minus, pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    for row in page:
        row.is_minus = row.pk in negative
    kept = {name: request.GET.get(name, "") for name in KEPT}
    if request.GET.get("area"):
        kept["area"] = lens.area.pk
    flow = request.GET.get("flow", "")
    return render(request, "funds/movements.html", {
        "title": f"{FLOWS[flow]}流水" if flow in FLOWS else "资金流水", "form": form, "lens": lens, "page": page,
        "amount": rows.total() if adds_up else None,
        "keep": [{"name": name, "value": value} for name, value in kept.items() if value],
        "reset_url": address("funds:movements", **{**kept, "area": kept.get("area", "")}),
        "about": _about(request), "crumbs": [{"label": "资金总览", "url": address("funds:overview", area=lens.area.pk)},
                                            {"label": "资金流水"}]})


def _page(rows, request) -> Page:
    """A page of the ledger: the numbers first, from the index alone, then the few rows with what they name."""
    page = page_by_key(rows.only("sequence"), request.GET, key="sequence", descending=True)
    whole = Movement.objects.select_related(*SHOWN).in_bulk([row.pk for row in page])
    page.rows[:] = [whole[row.pk] for row in page]
    ranges = [code_range(code) for code in request.user.scope]
    for row in page:
        row.is_elsewhere = not any(low <= row.area_id < high for low, high in ranges)
    return page


def _about(request) -> dict | None:
    """What the list is about, when its address names one account."""
    number = _asked_numbers(request).get("account")
    account = Account.objects.visible_to(request.user).select_related("area", "project", "appropriation").filter(
        pk=number).first() if number else None
    return {"label": str(account), "url": address("funds:account", account.pk)} if account else None


@allow(Permission.SEE_MONEY)
def movement(request, pk):
    """One row of the ledger: where from, where to, by which document, who recorded and approved it, who received it."""
    found = get_object_or_404(
        Movement.objects.visible_to(request.user).select_related(
            *SHOWN, "voucher", "batch", "batch_line", "household", "recorded_by", "approved_by", "reverses",
            "appropriation__programme"), pk=pk)
    reversal = Movement.objects.filter(reverses=found).first()
    seen = Account.objects.visible_to(request.user).filter(pk__in=(found.from_account_id, found.to_account_id)).values_list(
        "pk", flat=True)
    keeper = found.to_account if found.from_account.kind == AccountKind.SOURCE else found.from_account
    return render(request, "funds/movement.html", {
        "title": f"第{found.pk}号流水", "movement": found, "reversal": reversal, "seen": set(seen),
        "may_reverse": found.kind != Kind.REVERSAL and reversal is None and found.batch_line_id is None
        and covers(request.user, Permission.RECORD_MONEY, keeper.area_id),
        "crumbs": [{"label": "资金流水", "url": address("funds:movements")}, {"label": f"第{found.pk}号"}]})


def steps_for(officer: Officer, account: Account) -> list[dict]:
    """What the officer may record out of an account, as buttons."""
    if account.balance <= 0 or not covers(officer, Permission.RECORD_MONEY, account.area_id):
        return []
    steps = {AccountKind.BUDGET: (("transfer", "分解下达"), ("commit", "安排到项目"), ("refund", "退回"),
                                  ("carry-over", "结转下年")),
             AccountKind.PROJECT: (("pay", "支付"), ("refund", "退回本级"), ("carry-over", "结转下年")),
             AccountKind.PAYEE: (("refund", "收款单位退回"),)}
    found = [{"label": label, "url": address("funds:account_step", account.pk, step)}
             for step, label in steps.get(account.kind, ())]
    if account.kind == AccountKind.BUDGET and account.area.level == "village":
        found = found[1:]
    return found


@allow(Permission.SEE_MONEY)
def account(request, pk):
    """One account: what lies in it now or lay in it on a day, its movements, and what may be done with it."""
    found = get_object_or_404(
        Account.objects.visible_to(request.user).select_related("area", "appropriation", "project", "programme"), pk=pk)
    form = DayForm(request.GET)
    form.is_valid()
    as_of = form.cleaned_data.get("as_of")
    page = _page(movements_of(found, as_of), request)
    for row in page:
        row.is_minus = row.from_account_id == found.pk
    lens = Lens(request.user, found.area, as_of=as_of)
    day = as_of or timezone.localdate()
    days = days_idle(found.appropriation.issued_on, day) if found.kind in flows.OPEN else None
    return render(request, "funds/account.html", {
        "title": str(found), "account": found, "page": page, "steps": steps_for(request.user, found), "form": form,
        "held": with_balance(as_of, Account.objects.filter(pk=found.pk)).get(), "as_of": as_of,
        "balance_label": f"{as_of} 余额" if as_of else "现有余额", "days": days, "mark": WORDS[limits(day).mark(days)],
        "rule": rule_in_words(day), "links": {side: address("funds:movements", account=found.pk, side=side, as_of=as_of)
                                              for side in ("in", "out", "")},
        "reset_url": address("funds:account", found.pk),
        "crumbs": [{"label": "资金总览", "url": address("funds:overview", **parameters_of(lens))},
                   *([{"label": found.appropriation.document_number,
                       "url": address("funds:appropriation", found.appropriation_id)}] if found.appropriation_id else []),
                   {"label": str(found)}]})

"""The ledger to read: lists that add up to a figure, one movement with everything it rests on, one account."""
from django.db.models import Q
from django.shortcuts import get_object_or_404, render

from funds import dashboard, entry_lists
from funds.dashboard import FLOWS, Lens
from funds.filters import LEVELS, MovementFilter, address, parameters_of, read_lens
from funds.models import Account, Movement
from funds.states import AccountKind, Kind
from office.access import allow, covers, within
from office.models import Officer
from office.paging import Page, page_by_key
from office.roles import Permission

SHOWN = ("area", "from_account__area", "to_account__area", "appropriation", "project", "from_account__project",
         "to_account__project")
LINKS = ("appropriation", "project", "batch", "account")       # numbers that an address may carry
ADDING_UP = ("flow", "account", "household", "batch", *entry_lists.NUMBERS)      # lists whose rows are of one figure


def _asked_numbers(request) -> dict[str, int]:
    return {name: int(request.GET[name][:15]) for name in LINKS
            if request.GET.get(name, "").isascii() and request.GET.get(name, "").isdigit()}


def _narrowed(request, lens: Lens, form) -> tuple:
    """Movements the address asks for, and which of them count as minus."""
    flow, level = request.GET.get("flow", ""), request.GET.get("level", "")
    if flow in FLOWS:
        rows, minus = dashboard.flow(lens, flow, own=bool(request.GET.get("own")), level=level if level in LEVELS else "")
    else:
        rows, minus = lens.movements(), Q(kind__in=(Kind.REFUND, Kind.REVERSAL))
        if request.GET.get("area"):
            rows = rows.filter(within("area_id", [lens.area.pk]))
    numbers = _asked_numbers(request)
    if account := numbers.pop("account", None):
        rows = rows.filter(Q(from_account=account) | Q(to_account=account))
        minus = Q(from_account=account)
    rows, minus = entry_lists.narrowed(request.GET, rows, minus)
    rows = rows.filter(**{f"{name}_id": value for name, value in numbers.items()})
    if household := request.GET.get("household", ""):
        rows = rows.filter(household_id=household[:16])
    asked = form.cleaned_data
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("since"):
        rows = rows.filter(on__gte=asked["since"])
    if q := asked.get("q"):
        rows = rows.filter(Q(voucher_number=q) | Q(document=q) | Q(payee__startswith=q))
    return rows, minus


@allow(Permission.SEE_MONEY)
def movement_list(request):
    """Movements, the latest first, with their sum; whatever figure led here, the sum is that figure."""
    lens, form = read_lens(request, MovementFilter)
    rows, minus = _narrowed(request, lens, form)
    adds_up = any(request.GET.get(name) for name in ADDING_UP) or form.cleaned_data.get("kind")
    amount, complete = dashboard.added_up(rows, minus) if adds_up else (None, True)
    page = _page(rows, request.GET)
    negative = set(rows.filter(minus, pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    for row in page:
        row.is_minus = row.pk in negative
    kept = {name: request.GET.get(name, "") for name in ("flow", "own", "level", "household", *LINKS, *entry_lists.KEPT)}
    if request.GET.get("area"):
        kept["area"] = lens.area.pk
    flow = request.GET.get("flow", "")
    return render(request, "funds/movements.html", {
        "title": f"{FLOWS[flow]}流水" if flow in FLOWS else "资金流水", "form": form, "lens": lens, "page": page,
        "amount": amount, "complete": complete, "longest": dashboard.LONGEST,
        "keep": [{"name": name, "value": value} for name, value in kept.items() if value],
        "reset_url": address("funds:movements", **{**kept, "area": kept.get("area", "")}),
        "about": _about(request), "crumbs": [{"label": "资金总览", "url": address("funds:overview", area=lens.area.pk)},
                                            {"label": "资金流水"}]})


def _page(rows, parameters) -> Page:
    """A page of the ledger: the numbers first, from the index alone, then the few rows with what they name."""
    page = page_by_key(rows.only("sequence"), parameters, key="sequence", descending=True)
    whole = Movement.objects.select_related(*SHOWN).in_bulk([row.pk for row in page])
    page.rows[:] = [whole[row.pk] for row in page]
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
    """One account: what lies in it, its movements, and what may be done with it."""
    found = get_object_or_404(
        Account.objects.visible_to(request.user).select_related("area", "appropriation", "project", "programme"), pk=pk)
    rows = Movement.objects.visible_to(request.user).filter(Q(from_account=found) | Q(to_account=found))
    page = _page(rows, request.GET)
    for row in page:
        row.is_minus = row.from_account_id == found.pk
    lens = Lens(request.user, found.area)
    return render(request, "funds/account.html", {
        "title": str(found), "account": found, "page": page, "steps": steps_for(request.user, found),
        "crumbs": [{"label": "资金总览", "url": address("funds:overview", **parameters_of(lens))},
                   *([{"label": found.appropriation.document_number,
                       "url": address("funds:appropriation", found.appropriation_id)}] if found.appropriation_id else []),
                   {"label": str(found)}]})

"""Documents that grant money: the list, entering one, and one with where its money went."""
import datetime
from collections import defaultdict

from django.contrib import messages
from django.db.models import Min, OuterRef, Q, Subquery, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from funds import actions, pledges
from funds.filters import AppropriationFilter, address, read_lens
from funds.flows import OPEN, OUT
from funds.forms import AppropriationForm, a_moment_ago, programmes_for
from funds.idle import LIMITS, WORDS, days_idle, limits, rule_in_words
from funds.models import Account, Appropriation, Movement, Voucher
from funds.rules import funding, timing
from funds.states import AccountKind, Kind, VoucherState
from funds.views.movements import steps_for
from office.access import allow
from office.fields import MoneyField
from office.models import Officer
from office.money import plain
from office.paging import page_by_key
from office.roles import Permission

HOME = {"label": "资金指标", "url": "/funds/appropriations/"}
LONGEST = 50                # rows of a table on the page of a document; the lists behind it have all
DIVIDING = ("province", "city", "county")      # levels that have to pass money on in time


def _with_figures(officer: Officer, found: list[Appropriation]) -> None:
    """What lies where of each document, and since when it should have been passed on; in two statements."""
    sums = defaultdict(lambda: defaultdict(int))
    accounts = Account.objects.visible_to(officer).filter(appropriation__in=found).order_by()
    for row in accounts.values("appropriation", "kind", "area").annotate(held=Sum("balance", output_field=MoneyField())):
        sums[row["appropriation"]][row["kind"]] += row["held"]
        sums[row["appropriation"]][row["area"], row["kind"]] += row["held"]
    first = dict(Movement.objects.filter(appropriation__in=found, kind=Kind.APPROPRIATION, reversed_by__isnull=True).values_list(
        "appropriation").annotate(on=Min("on")).order_by())
    today = timezone.localdate()
    for one in found:
        held = sums[one.pk]
        one.arrived_on = first.get(one.pk)
        one.paid = sum((held[kind] for kind in OUT), 0)
        one.left = sum((held[kind] for kind in OPEN), 0)
        one.own_left = held[one.area_id, AccountKind.BUDGET]
        one.days = days_idle(one.issued_on, today)
        one.mark = limits(today).mark(one.days) if one.left else ""
        one.limit = one.arrived_on and timing("transfer_days", one.arrived_on).value
        one.split_by = one.arrived_on and one.arrived_on + datetime.timedelta(days=one.limit)
        one.is_late = bool(one.arrived_on and one.own_left and one.area.level in DIVIDING
                           and today > one.split_by)


@allow(Permission.SEE_MONEY)
def appropriation_list(request):
    """Documents whose money came into the officer's area, the latest first."""
    lens, form = read_lens(request, AppropriationFilter)
    today = timezone.localdate()
    found = Appropriation.objects.visible_to(request.user).select_related("area", "programme")
    asked = form.cleaned_data
    found = found.filter(**{name: value for name, value in {
        "programme": lens.programme, "year": lens.year, "source": lens.source}.items() if value})
    if q := asked.get("q"):
        found = found.filter(Q(document_number__contains=q) | Q(title__contains=q))
    if limit := LIMITS.get(asked.get("flag", "")):
        open_accounts = Account.objects.visible_to(request.user).filter(kind__in=OPEN, balance__gt=0)
        found = found.filter(issued_on__lte=today - datetime.timedelta(days=timing(limit, today).value),
                             pk__in=open_accounts.values("appropriation"))
    elif asked.get("flag") == "late":
        found = _late(found, today)
    page = page_by_key(found, request.GET, descending=True, size=50)
    _with_figures(request.user, page.rows)
    return render(request, "funds/appropriations.html", {
        "title": "资金指标", "form": form, "page": page, "rule": rule_in_words(today),
        "may_record": request.user.may(Permission.RECORD_MONEY)})


def _late(found, today: datetime.date):
    """Documents with money still undivided at the addressee although the days for passing it on are over."""
    days = timing("transfer_days", today).value
    undivided = Account.objects.filter(appropriation=OuterRef("pk"), area=OuterRef("area"), kind=AccountKind.BUDGET,
                                       balance__gt=0)
    arrived = Movement.objects.filter(appropriation=OuterRef("pk"), kind=Kind.APPROPRIATION).order_by("on").values("on")[:1]
    return found.annotate(arrived=Subquery(arrived), undivided=Subquery(undivided.values("pk")[:1])).filter(
        undivided__isnull=False, arrived__lt=today - datetime.timedelta(days=days), area__level__in=DIVIDING)


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def appropriation_new(request):
    """Enter a document; its money comes in when another person has approved the voucher."""
    lines = [(rule.key, f"{programme.name}：{rule.label}") for programme in programmes_for(request.user, Permission.RECORD_MONEY)
             for rule in funding(programme.pk).yearly if rule.kind == "extra"]
    form = AppropriationForm(request.POST or None, officer=request.user, special_lines=lines, initial=_for_pledge(request))
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        facts["permitted_uses"] = facts.pop("uses")
        twin = _twin(request.user, facts)
        voucher = twin or form.carried_out(actions.record_appropriation, request.user, **facts, request=request)
        if voucher:
            if twin:
                messages.info(request, "这份指标文刚刚已经登记，没有重复登记。")
            else:
                messages.success(request, f"已登记指标文和凭证 {voucher.number}；由另一人复核后资金才入账。")
            return redirect("funds:voucher", voucher.pk)
    uses = {programme.pk: funding(programme.pk).uses for programme in programmes_for(request.user, Permission.RECORD_MONEY)}
    return render(request, "funds/appropriation_form.html", {
        "title": "登记指标文", "form": form, "uses": [{"programme": key, "words": "、".join(words)} for key, words in uses.items()
                                                 if words],
        "crumbs": [HOME, {"label": "登记指标文"}]}, status=422 if form.errors else 200)


def _for_pledge(request) -> dict:
    """What a document says that brings a promised sum, when the form is opened from the promise."""
    number = request.GET.get("pledge", "")[:15]
    asked = pledges.open_to(request.user).filter(pk=number).first() if number.isascii() and number.isdigit() else None
    if asked is None:
        return {}
    return {"pledge": asked.pk, "programme": asked.programme_id, "area": asked.area_id, "source": asked.source,
            "payer_name": asked.payer_name, "title": f"{asked.payer_name}帮扶资金", "amount": plain(asked.amount - asked.arrived)}


def _twin(officer: Officer, facts: dict) -> Voucher | None:
    """The voucher of the same document that this person entered a moment ago: a second click."""
    return Voucher.objects.filter(
        kind=Kind.APPROPRIATION, recorded_by=officer, recorded_at__gte=a_moment_ago(), state=VoucherState.DRAFT,
        amount=facts["amount"],
        appropriation__document_number=facts["document_number"], appropriation__line=facts["line"],
        appropriation__area=facts["area"], appropriation__programme=facts["programme"]).first()


@allow(Permission.SEE_MONEY)
def appropriation(request, pk):
    """One document: permitted uses, transfers down, what was bound and paid, and what lies where."""
    found = get_object_or_404(Appropriation.objects.visible_to(request.user).select_related(
        "area", "programme", "recorded_by", "pledge"), pk=pk)
    _with_figures(request.user, [found])
    rows = Account.objects.visible_to(request.user).filter(appropriation=found).exclude(balance=0).select_related(
        "area", "project", "appropriation")
    accounts = list(rows.order_by("area_id", "kind", "year")[:LONGEST + 1])
    for one in accounts:
        one.steps = steps_for(request.user, one)
    moved = Movement.objects.visible_to(request.user).filter(appropriation=found).select_related(
        "area", "project", "from_account__area", "to_account__area", "recorded_by", "approved_by").order_by("sequence")
    bound = list(moved.filter(kind=Kind.COMMITMENT)[:LONGEST + 1])
    transfers = list(moved.filter(kind=Kind.TRANSFER)[:LONGEST + 1])
    for one in transfers:
        one.days = (one.on - found.arrived_on).days if found.arrived_on else None
        one.is_late = bool(found.split_by and one.on > found.split_by and one.from_account.area_id == found.area_id)
    today = timezone.localdate()
    drafts = Voucher.objects.visible_to(request.user).filter(appropriation=found, state=VoucherState.DRAFT).select_related(
        "recorded_by", "area")[:50]
    return render(request, "funds/appropriation.html", {
        "title": found.document_number, "appropriation": found, "accounts": accounts[:LONGEST],
        "more": len(accounts) > LONGEST, "longest": LONGEST, "links": _links(request.user, found), "rule": rule_in_words(today),
        "mark": WORDS[found.mark], "transfers": transfers[:LONGEST], "bound": bound[:LONGEST],
        "more_transfers": len(transfers) > LONGEST, "more_bound": len(bound) > LONGEST,
        "drafts": drafts, "uses": list(found.uses.all()), "movements_url": address("funds:movements", appropriation=found.pk),
        "transfer_rule": timing("transfer_days", found.arrived_on or found.issued_on),
        "crumbs": [HOME, {"label": found.document_number}]})


def _links(officer: Officer, found: Appropriation) -> dict[str, str]:
    """Where the figures of a document lead: to its movements and accounts inside the officer's area, wherever they went."""
    whole = {"area": officer.home_area.pk, "appropriation": found.pk}
    return {"paid": address("funds:movements", **whole, flow="paid"), "left": address("funds:accounts", **whole)}

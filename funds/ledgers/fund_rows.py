"""资金台账: one row per place where money of a document lies, bound to a project or not.

What came in from outside the exported area (下达金额) is spread over the rows of the places it went to (分配金额), so both
columns have the same sum; what a place has neither passed on nor paid out is its 结余. Returns and reversals are taken off.
"""
import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, Exists, F, IntegerField, Max, Min, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from funds.idle import days_idle
from funds.ledgers.extent import FINAL, OPEN, ZERO, Extent, chunks, listed
from funds.models import Account, BankReturn, Movement
from funds.publications import allocations, spans
from funds.states import BankResult, Kind, Publicity
from office.access import within
from office.fields import MoneyField
from office.money import round_half_up

ORDER = ("appropriation__issued_on", "document_number", "appropriation_id", "area_id", "kind", "project__number", "year", "pk")


def _accounts(extent: Extent):
    """Accounts that money ever came to."""
    came = extent.movements().filter(to_account=OuterRef("pk"))
    return extent.accounts().filter(Exists(came))


def expected(extent: Extent) -> tuple[int, Decimal]:
    """How many rows there are, and the sum of 分配金额, straight from the movements."""
    sums = []
    for side, other in (("to_account", "from_account"), ("from_account", "to_account")):
        inside = within(f"{side}__area_id", [extent.area.pk]) & Q(**{f"{side}__kind__in": OPEN})
        rows = extent.movements().filter(inside).exclude(**{f"{other}__kind__in": FINAL})
        if extent.year:
            rows = rows.filter(appropriation__year=extent.year)
        sums.append(rows.aggregate(total=Sum("amount", default=0, output_field=MoneyField()))["total"])
    return _accounts(extent).count(), sums[0] - sums[1]


@dataclass
class _Sums:
    """What happened to one account, in yuan."""

    came: Decimal = ZERO             # from outside the exported area
    placed: Decimal = ZERO           # from wherever, less what was passed on
    paid: Decimal = ZERO
    last: int = 0                    # sequence of the latest movement that put money there or paid it
    paid_on: datetime.date | None = None
    confirmed: Decimal = ZERO        # what the bank says arrived
    confirmed_on: datetime.date | None = None
    vouchers: list[str] = field(default_factory=list)
    payees: list[str] = field(default_factory=list)


def rows(extent: Extent) -> Iterator[tuple]:
    """The rows in the order of the documents."""
    accounts = _accounts(extent).annotate(document_number=F("appropriation__document_number")).select_related(
        "appropriation", "area", "project").order_by(*ORDER)
    number = 0
    for part in chunks(accounts.iterator(chunk_size=1000), 500):
        found = _sums(extent, [account.pk for account in part])
        people = {pk: names for pk, *names in Movement.objects.filter(pk__in=[one.last for one in found.values()])
                  .values_list("pk", "recorded_by__name", "approved_by__name")}
        notices = _Notices(part)
        for account in part:
            number += 1
            sums = found[account.pk]
            yield _row(extent, number, account, sums, people.get(sums.last, ("", "")), notices.of(account))


def _sums(extent: Extent, accounts: list[int]) -> dict[int, _Sums]:
    found: defaultdict[int, _Sums] = defaultdict(_Sums)
    for side, other, sign in (("to_account", "from_account", 1), ("from_account", "to_account", -1)):
        within_area = within(f"{other}__area_id", [extent.area.pk]) & Q(**{f"{other}__kind__in": OPEN})
        moved = extent.movements().filter(**{f"{side}__in": accounts}).annotate(
            account=F(f"{side}_id"), paid=_true(Q(**{f"{other}__kind__in": FINAL})), stays=_true(within_area))
        for pk, paid, stays, amount, last, on in moved.values_list("account", "paid", "stays").annotate(
                Sum("amount", output_field=MoneyField()), Max("sequence"), Max("on")):
            sums = found[pk]
            sums.last = max(sums.last, last)
            if paid:
                sums.paid -= sign * amount
                sums.paid_on = on if sign < 0 else sums.paid_on
            else:
                sums.placed += sign * amount
                sums.came += ZERO if stays else sign * amount
    _add_payments(extent, accounts, found)
    return found


def _true(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _add_payments(extent: Extent, accounts: list[int], found: dict[int, _Sums]) -> None:
    """Vouchers and payees of what was paid out and not undone, and what the bank has confirmed of it."""
    paid = extent.movements().filter(from_account__in=accounts, to_account__kind__in=FINAL, reversed_by__isnull=True)
    by_card = Q(batch__isnull=False)
    for account, voucher, payee, tail, _ in paid.annotate(
            voucher_or_batch=Coalesce("batch__number", "voucher_number"),
            whom=Case(When(by_card, then=Value("农户一卡通")), default=F("payee")),
            tail=Case(When(by_card, then=Value("")), default=F("payee_account"))).values_list(
                "from_account_id", "voucher_or_batch", "whom", "tail").annotate(Min("sequence")).order_by("sequence__min"):
        found[account].vouchers.append(voucher)
        found[account].payees.append(f"{payee} {tail}".strip())
    confirmed = paid.filter(kind=Kind.HOUSEHOLD_PAYMENT, batch_line__result=BankResult.SUCCESS)
    for account, amount in confirmed.values_list("from_account_id").annotate(Sum("amount", output_field=MoneyField())):
        found[account].confirmed = amount
    for account, on in BankReturn.objects.filter(batch__account__in=accounts).order_by().values_list(
            "batch__account_id").annotate(Max("on")):
        found[account].confirmed_on = on


def _row(extent: Extent, number: int, account: Account, sums: _Sums, people: Sequence[str], notices: str) -> tuple:
    document, project = account.appropriation, account.project
    left = sums.placed - sums.paid
    rate = round_half_up(sums.paid * 100 / sums.placed) if sums.placed else None
    notes = [f"{account.year}年度账户（结转）" if account.year != document.year else "", document.note]
    return (
        number, document.year, document.title, document.get_source_display(), document.document_number, document.issued_on,
        sums.came or None, "/".join(filter(None, (document.subject_code, document.economic_code))), account.area.name,
        project.number if project else "", project.name if project else "", sums.placed, sums.paid_on, listed(sums.vouchers),
        listed(sums.payees), sums.paid, sums.confirmed_on, sums.confirmed or None, left, rate,
        days_idle(document.issued_on, extent.day) if left else None, notices, *people, listed(notes))


class _Notices:
    """公示起止 of a chunk of accounts: of the project's three things, or of how the area divided the document's money."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._projects = spans(account.project_id for account in accounts if account.project_id)
        self._divided = allocations((account.appropriation_id, account.area_id) for account in accounts)

    def of(self, account: Account) -> str:
        if account.project_id is None:
            return self._divided.get((account.appropriation_id, account.area_id), "")
        texts = self._projects.get(account.project_id, {})
        return "；".join(f"{what.label}{texts[what.value]}" for what in Publicity if what.value in texts)

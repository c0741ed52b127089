"""资产收益台账: one row per sum invested for a yearly return, what it owes by now and what households got of it."""
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, Q, Sum

from funds.dividends import due
from funds.ledgers.extent import ZERO, Extent, chunks, signed, span
from funds.ledgers.payment_rows import MINUS, PAID, RETURNED, UNDONE
from funds.models import Investment
from funds.states import Kind
from office.access import within
from office.fields import MoneyField
from office.money import grouped


def _investments(extent: Extent):
    """Those that had begun by the day; of a year, those that ran in it."""
    found = Investment.objects.filter(within("project__area_id", [extent.area.pk]), project__programme=extent.programme)
    if extent.year:
        found = found.filter(starts_on__year__lte=extent.year, principal_due_on__year__gte=extent.year)
    return found


def expected(extent: Extent) -> tuple[int, Decimal]:
    """How many investments there are, and what was put into all of them."""
    found = _investments(extent).order_by()
    return found.count(), found.aggregate(total=Sum("amount", default=0, output_field=MoneyField()))["total"]


def rows(extent: Extent) -> Iterator[tuple]:
    """The rows in the order in which the money was put in."""
    for part in chunks(_investments(extent).order_by("starts_on", "pk").iterator(chunk_size=1000), 500):
        paid, households = _paid(extent, [one.pk for one in part])
        for one in part:
            yield _row(extent, one, paid.get(one.pk, ZERO), households.get(one.pk, 0))


def _paid(extent: Extent, investments: list[int]) -> tuple[dict[int, Decimal], dict[int, int]]:
    """What households got of each investment, and how many households got something."""
    paid: dict[int, Decimal] = {}
    for which, batch in ((PAID | RETURNED, "batch"), (UNDONE, "reverses__batch")):
        moved = extent.movements().filter(which, **{f"{batch}__investment__in": investments})
        if extent.year:
            moved = moved.filter(**{f"{batch}__year": extent.year})
        for pk, amount in moved.values_list(f"{batch}__investment_id").annotate(total=signed(MINUS)):
            paid[pk] = paid.get(pk, ZERO) + amount
    reached = extent.movements().filter(Q(kind=Kind.HOUSEHOLD_PAYMENT), batch__investment__in=investments,
                                        batch_line__live=True, reversed_by__isnull=True)
    if extent.year:
        reached = reached.filter(batch__year=extent.year)
    return paid, dict(reached.values_list("batch__investment_id").annotate(Count("household_id", distinct=True)))


def _row(extent: Extent, one: Investment, paid: Decimal, households: int) -> tuple:
    owed = due(one, extent.day, extent.year)
    risks = [one.risk, "未分足" if paid < owed else "", "本金已到期" if one.principal_due_on <= extent.day else ""]
    return (
        one.amount, one.enterprise, f"{one.term_months}个月（{span(one.starts_on, one.principal_due_on, '至')}）",
        one.guaranteed_rate, f"{grouped(owed)}/{grouped(paid)}", households, one.principal_due_on, "；".join(filter(None, risks)))

"""Yearly returns of money invested for households (资产收益): what fell due (应分), what was shared out (实分), and when."""
import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, F, Q, Sum, When

from funds.models import Investment, Movement
from funds.rules import timing
from funds.states import Kind
from office.fields import MoneyField
from office.models import Officer
from office.money import round_half_up

MONTHS = 12
ZERO = Decimal("0.00")
TAKEN_BACK = Q(kind=Kind.REFUND) | Q(kind=Kind.REVERSAL, reverses__kind=Kind.HOUSEHOLD_PAYMENT)


def due(investment: Investment, until: datetime.date, year: int | None = None) -> Decimal:
    """The guaranteed return that fell due until a day (of a year: on a day of that year), rounded to the fen.

    It falls due at the end of every full year and, for the rest of the term, with the principal.
    """
    months = 0
    for passed in [*range(MONTHS, investment.term_months, MONTHS), investment.term_months]:
        on = after(investment.starts_on, passed)
        if on <= until and (year is None or on.year == year):
            months += passed - (passed - 1) // MONTHS * MONTHS
    return round_half_up(investment.amount * investment.guaranteed_rate * months / (100 * MONTHS))


def after(day: datetime.date, months: int) -> datetime.date:
    """The same day some months later; the last day of a month that is too short."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    next_month = datetime.date(year + (month == MONTHS - 1), (month + 1) % MONTHS + 1, 1)
    return min(datetime.date(year, month + 1, 1) + datetime.timedelta(days=day.day - 1), next_month - datetime.timedelta(days=1))


def movements_of(investment_number: int) -> Q:
    """The movements that what was shared out is the sum of; those of `TAKEN_BACK` count as minus."""
    return (Q(batch__investment=investment_number) & ~Q(kind=Kind.REVERSAL)
            | Q(reverses__batch__investment=investment_number, kind=Kind.REVERSAL))


@dataclass(frozen=True)
class Standing:
    """One investment as of a day: yuan due and shared out so far, to how many households, and how near the principal is."""

    investment: Investment
    due: Decimal
    paid: Decimal
    households: int
    days_left: int          # until the principal is due; below zero: past
    notice_days: int

    @property
    def short(self) -> Decimal:
        """Due and not shared out."""
        return max(self.due - self.paid, ZERO)

    @property
    def is_past(self) -> bool:
        return self.days_left <= 0

    @property
    def is_near(self) -> bool:
        return 0 < self.days_left <= self.notice_days

    @property
    def days_past(self) -> int:
        return -self.days_left


def standings(officer: Officer, investments: list[Investment], day: datetime.date) -> list[Standing]:
    """How the investments stand, in two statements for all of them; payments are those the officer may see."""
    notice = timing("principal_notice_days", day).value
    seen = Movement.objects.visible_to(officer).filter(on__lte=day).order_by()
    paid: dict[int, Decimal] = {}
    signed = Case(When(TAKEN_BACK, then=-F("amount")), default=F("amount"), output_field=MoneyField())
    amount = Sum(signed, output_field=MoneyField())
    for batch, which in (("batch", ~Q(kind=Kind.REVERSAL)), ("reverses__batch", Q(kind=Kind.REVERSAL))):
        rows = seen.filter(which, **{f"{batch}__investment__in": investments})
        for pk, total in rows.values_list(f"{batch}__investment").annotate(total=amount):
            paid[pk] = paid.get(pk, ZERO) + total
    reached = dict(seen.filter(kind=Kind.HOUSEHOLD_PAYMENT, batch__investment__in=investments, batch_line__live=True,
                               reversed_by__isnull=True).values_list("batch__investment").annotate(
        Count("household_id", distinct=True)))
    return [Standing(one, due(one, day), paid.get(one.pk, ZERO), reached.get(one.pk, 0), (one.principal_due_on - day).days,
                     notice) for one in investments]

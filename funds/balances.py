"""How much lies where, as of any day. Every figure comes from the movements, in one statement."""
import datetime
from collections import defaultdict

from django.db.models import BigIntegerField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.query import QuerySet

from funds.models import Account, Movement
from office.fields import MoneyField

ZERO = Value(0, output_field=MoneyField())


def _sum(column: str, as_of: datetime.date | None) -> Coalesce:
    """Sum of an account's movements on one side until a day (inclusive), by the covering index of that side."""
    rows = Movement.objects.filter(**{column: OuterRef("pk")}).order_by()
    if as_of is not None:
        rows = rows.filter(on__lte=as_of)
    total = rows.values(column).annotate(total=Sum("amount", output_field=MoneyField())).values("total")
    return Coalesce(Subquery(total, output_field=MoneyField()), ZERO)


def with_balance(as_of: datetime.date | None = None, accounts=None):
    """Accounts with `received`, `spent` and `balance_on` (yuan) as of the end of a day; None: of all there is."""
    accounts = Account.objects.all() if accounts is None else accounts
    return accounts.annotate(received=_sum("to_account", as_of), spent=_sum("from_account", as_of)).annotate(
        balance_on=ExpressionWrapper(F("received") - F("spent"), output_field=MoneyField()))


def held_on(accounts: QuerySet[Account], as_of: datetime.date) -> dict[int, int]:
    """Fen in each of the accounts at the end of a day, those without a movement until then left out.

    For many accounts at once: each side of the movements is summed in the order of its covering index, and both sides
    come in one statement.
    """
    came, went = (Movement.objects.filter(**{f"{side}__in": accounts.order_by().values("pk")}, on__lte=as_of).order_by()
                  .annotate(way=Value(way)).values_list(side, "way").annotate(total=Sum(Cast("amount", BigIntegerField())))
                  for side, way in (("to_account", 1), ("from_account", -1)))
    found: defaultdict[int, int] = defaultdict(int)
    for account, way, total in came.union(went, all=True):
        found[account] += way * int(total)
    return found


def movements_of(account: Account, as_of: datetime.date | None = None):
    """The account's movements, in or out, in their order."""
    rows = Movement.objects.filter(Q(from_account=account) | Q(to_account=account))
    return rows.filter(on__lte=as_of) if as_of else rows

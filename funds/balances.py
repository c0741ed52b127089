"""How much lies where, as of any day. Every figure comes from the movements, in one statement."""
import datetime
from collections import defaultdict

from django.db.models import BigIntegerField, ExpressionWrapper, F, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.query import QuerySet

from funds.models import Account, Appropriation, Movement
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
    """Fen in each of the accounts at the end of a day; for many accounts at once, all sums in one statement.

    Counted from the nearer end: what moved until then, or what lies there now less what moved since. The database moves
    the balance of an account with every movement, so both say the same. Each side is read from its covering index.
    """
    backwards = _is_nearer_to_now(as_of)
    chosen = accounts.order_by()
    counted = Q(on__gt=as_of) if backwards else Q(on__lte=as_of)
    parts = [Movement.objects.filter(counted, **{f"{side}__in": chosen.values("pk")}).order_by().annotate(
        sign=Value(-sign if backwards else sign)).values_list(side, "sign").annotate(total=Sum(Cast("amount", BigIntegerField())))
        for side, sign in (("to_account", 1), ("from_account", -1))]
    if backwards:
        parts.append(chosen.annotate(sign=Value(1), total=Cast("balance", BigIntegerField())).values_list("pk", "sign", "total"))
    found: defaultdict[int, int] = defaultdict(int)
    for account, sign, total in parts[0].union(*parts[1:], all=True):
        found[account] += sign * int(total)
    return found


def _is_nearer_to_now(day: datetime.date) -> bool:
    """Whether more days of the ledger lie before it than after it."""
    first = Appropriation.objects.aggregate(first=Min("issued_on"))["first"]
    last = Movement.objects.order_by("-sequence").values_list("on", flat=True).first()
    return first is None or last is None or day - first > last - day


def movements_of(account: Account, as_of: datetime.date | None = None):
    """The account's movements, in or out, in their order."""
    rows = Movement.objects.filter(Q(from_account=account) | Q(to_account=account))
    return rows.filter(on__lte=as_of) if as_of else rows

"""Money that lies: which sums were not spent or passed on, since when, and whether the days for it are over."""
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from funds.models import Account, Movement
from funds.rules import timing
from funds.states import AccountKind, Kind
from office.models import Level


@dataclass
class Lot:
    """One sum that came into an account, and what became of it: first in, first out. Amounts in yuan.

    `left` is what had not gone on by the day of the question, `late` what went on after `deadline` or, being still
    there, should have gone on by then.
    """

    account: Account
    on: datetime.date
    amount: Decimal
    left: Decimal
    deadline: datetime.date | None = None
    late: Decimal = Decimal(0)

    def days(self, as_of: datetime.date) -> int:
        """Whole days since the sum came in."""
        return (as_of - self.on).days


def idle(accounts, as_of: datetime.date) -> list[Lot]:
    """Sums that lie unspent in the accounts (budgets and projects) on a day, the longest first.

    A carry-over does not start the clock again: accounts of one document, area and project are one for all years.
    """
    found = [lot for lot in _lots(accounts, as_of) if lot.left]
    return sorted(found, key=lambda lot: (lot.on, lot.account.pk))


def idle_for(lots: Iterable[Lot], as_of: datetime.date, limit: str) -> Decimal:
    """How much of it lies at least as long as a number of `rules.timing` says (`idle_year_days`, `idle_two_years_days`)."""
    days = timing(limit, as_of).value
    return sum((lot.left for lot in lots if lot.days(as_of) >= days), Decimal(0))


def passed_down_late(accounts, as_of: datetime.date) -> list[Lot]:
    """Sums from above that a city or county did not pass on, or bind to a project, within the days the rule names."""
    upper = accounts.filter(kind=AccountKind.BUDGET, area__level__in=(Level.CITY, Level.COUNTY))
    return [lot for lot in _lots(upper, as_of) if lot.late]


def _lots(accounts, as_of: datetime.date) -> list[Lot]:
    """What came into each account and how it went on, from one statement over the movements of both sides."""
    held = {account.pk: account for account in accounts.filter(kind__in=(AccountKind.BUDGET, AccountKind.PROJECT))
            .select_related("area", "appropriation", "project")}
    rows = Movement.objects.filter(Q(from_account__in=held) | Q(to_account__in=held), on__lte=as_of)
    rows = rows.exclude(kind=Kind.CARRY_OVER).order_by("on", "sequence")
    arrived, gone = defaultdict(list), defaultdict(list)
    undone = {}
    for one in rows.values_list("sequence", "on", "kind", "amount", "from_account_id", "to_account_id", "reverses_id",
                                named=True):
        for pk, came in ((one.from_account_id, False), (one.to_account_id, True)):
            if pk not in held:
                continue
            purse = _purse(held[pk])
            if came and one.kind in (Kind.APPROPRIATION, Kind.TRANSFER, Kind.COMMITMENT):
                arrived[purse].append(Lot(held[pk], one.on, one.amount, one.amount))
                undone[one.sequence] = arrived[purse][-1]
            elif one.kind == Kind.REVERSAL and one.reverses_id in undone and not came:
                arrived[purse].remove(undone[one.reverses_id])
            else:
                gone[purse].append((one.on, -one.amount if came else one.amount))
    return [lot for purse, lots in arrived.items() for lot in _used_up(lots, gone[purse], as_of)]


def _purse(account: Account) -> tuple:
    return account.kind, account.appropriation_id, account.area_id, account.project_id


def _used_up(lots: list[Lot], gone: list[tuple], as_of: datetime.date) -> list[Lot]:
    """Let what went out use up what came in, oldest first; what came back is taken off the last that went out."""
    outgoing: list[list] = []
    for on, amount in gone:
        while amount < 0 and outgoing:
            outgoing[-1][1] += amount
            amount = min(outgoing[-1][1], Decimal(0))
            if outgoing[-1][1] <= 0:
                outgoing.pop()
        if amount > 0:
            outgoing.append([on, amount])
    for lot in lots:
        lot.deadline = lot.on + datetime.timedelta(days=timing("transfer_days", lot.on).value)
        while lot.left and outgoing:
            on, amount = outgoing[0]
            taken = min(lot.left, amount)
            lot.left -= taken
            lot.late += taken if on > lot.deadline else 0
            outgoing[0][1] -= taken
            if not outgoing[0][1]:
                outgoing.pop(0)
        lot.late += lot.left if as_of > lot.deadline else 0
    return lots

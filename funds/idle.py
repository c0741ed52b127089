"""How long money lies: the one rule of the product, and the other question, whether it was passed down in time.

Idle: money that has not reached a payee or a card is idle from the day of the document that granted it (下达日期).
Passing it down, binding it to a project, a return or a carry-over never starts the count again, since none of them is
spending; whoever holds it, the count is that of the document. Every 滞留天数 of the product is `days_idle`: overview,
list of accounts, sheets, fund ledger and bulletin. After a year and after two years it is marked (funds/rules/timing.yaml).

Passed down late is not idle: a level that must pass money on has some days for it from the day the money arrived there.
"""
import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from funds.models import Account, Movement
from funds.rules import timing
from funds.states import AccountKind, Kind
from office.models import Level

RULE = "滞留天数从指标文下达之日起算，到支付出去为止；分解下达、安排到项目、退回、结转都不重新起算"
LIMITS = {"one": "idle_year_days", "two": "idle_two_years_days"}      # word in an address -> number of the rules

WORDS = {"one": "满一年", "two": "满两年", "": ""}                      # beside every colour


@dataclass(frozen=True)
class Limits:
    """Days from which money is marked, with the words for it."""

    one: int
    two: int

    def mark(self, days: int | None) -> str:
        """`two`, `one` or blank."""
        return "" if days is None or days < self.one else "one" if days < self.two else "two"


def days_idle(issued_on: datetime.date, day: datetime.date) -> int:
    """Whole days since the document that granted the money."""
    return (day - issued_on).days


def limits(day: datetime.date) -> Limits:
    """The limits in force on a day."""
    return Limits(**{name: timing(key, day).value for name, key in LIMITS.items()})


def rule_in_words(day: datetime.date) -> str:
    """The rule as people read it where they see the days, with where the limits come from."""
    marks = "；".join(f"{one.label}（{one.value}天，{one.source}）" for one in (timing(key, day) for key in LIMITS.values()))
    return f"{RULE}。{marks}。"


@dataclass
class Arrival:
    """One sum that came to a level that must pass it on: first in, first out. Amounts in yuan.

    `left` is what had not gone on by the day of the question, `late` what went on after `deadline` or, being still
    there, should have gone on by then.
    """

    account: Account
    on: datetime.date
    amount: Decimal
    left: Decimal
    deadline: datetime.date | None = None
    late: Decimal = Decimal(0)


def passed_down_late(accounts, as_of: datetime.date) -> list[Arrival]:
    """Sums from above that a city or county did not pass on, or bind to a project, within the days the rule names.

    The days count from the arrival at that level, not from the document: nobody can pass on what has not come. A
    carry-over does not count as an arrival.
    """
    upper = accounts.filter(kind=AccountKind.BUDGET, area__level__in=(Level.CITY, Level.COUNTY))
    return [one for one in _arrivals(upper, as_of) if one.late]


def _arrivals(accounts, as_of: datetime.date) -> list[Arrival]:
    """What came into each account and how it went on, from one statement over the movements of both sides."""
    held = {account.pk: account for account in accounts.select_related("area", "appropriation")}
    rows = Movement.objects.filter(Q(from_account__in=held) | Q(to_account__in=held), on__lte=as_of)
    rows = rows.exclude(kind=Kind.CARRY_OVER).order_by("on", "sequence")
    arrived, gone = defaultdict(list), defaultdict(list)
    undone = {}
    for one in rows.values_list("sequence", "on", "kind", "amount", "from_account_id", "to_account_id", "reverses_id",
                                named=True):
        for pk, came in ((one.from_account_id, False), (one.to_account_id, True)):
            if pk not in held:
                continue
            purse = held[pk].appropriation_id, held[pk].area_id        # the accounts of all years
            if came and one.kind in (Kind.APPROPRIATION, Kind.TRANSFER):
                arrived[purse].append(Arrival(held[pk], one.on, one.amount, one.amount))
                undone[one.sequence] = arrived[purse][-1]
            elif one.kind == Kind.REVERSAL and one.reverses_id in undone and not came:
                arrived[purse].remove(undone[one.reverses_id])
            else:
                gone[purse].append((one.on, -one.amount if came else one.amount))
    return [one for purse, found in arrived.items() for one in _used_up(found, gone[purse], as_of)]


def _used_up(found: list[Arrival], gone: list[tuple], as_of: datetime.date) -> list[Arrival]:
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
    for one in found:
        one.deadline = one.on + datetime.timedelta(days=timing("transfer_days", one.on).value)
        while one.left and outgoing:
            on, amount = outgoing[0]
            taken = min(one.left, amount)
            one.left -= taken
            one.late += taken if on > one.deadline else 0
            outgoing[0][1] -= taken
            if not outgoing[0][1]:
                outgoing.pop(0)
        one.late += one.left if as_of > one.deadline else 0
    return found

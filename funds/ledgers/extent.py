"""What a ledger is made of: which programme's money, in which area, of which year, as of which row of the chain."""
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from django.db.models import Case, F, Q, Sum, When

from funds.models import Account, Movement, Project
from funds.states import AccountKind
from office.access import within
from office.fields import MoneyField
from office.models import Area, Programme

ZERO = Decimal("0.00")
CHUNK = 1000
FINAL = (AccountKind.PAYEE.value, AccountKind.CARDS.value)      # money that is there was paid out
OPEN = (AccountKind.BUDGET.value, AccountKind.PROJECT.value)


@dataclass(frozen=True)
class Extent:
    """The rows that belong in. `head` is the last movement that counts; `day` the day as of which terms are judged."""

    programme: Programme
    area: Area
    year: int | None
    head: int
    day: datetime.date
    masked: bool = True

    def movements(self):
        """All movements of the programme up to the head, wherever."""
        return Movement.objects.filter(pk__lte=self.head, appropriation__programme=self.programme).order_by()

    def accounts(self):
        """Accounts in which money can lie, inside the area, of documents of the year."""
        found = Account.objects.filter(within("area_id", [self.area.pk]), kind__in=OPEN, programme=self.programme)
        return found.filter(appropriation__year=self.year) if self.year else found

    def projects(self):
        found = Project.objects.filter(within("area_id", [self.area.pk]), programme=self.programme)
        return found.filter(year=self.year) if self.year else found


def signed(minus: Q) -> Sum:
    """Sum of amounts, those that meet the condition taken off."""
    return Sum(Case(When(minus, then=-F("amount")), default=F("amount"), output_field=MoneyField()), default=0,
               output_field=MoneyField())


def chunks(rows: Iterable, size: int = CHUNK) -> Iterator[list]:
    """The rows a list at a time."""
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield part


def span(first: datetime.date | None, last: datetime.date | None, joined: str = "/") -> str:
    """Two days in one cell; blank when there is neither."""
    return f"{first or ''}{joined}{last or ''}" if first or last else ""


def listed(texts: Iterable[str], most: int = 20) -> str:
    """Several texts in one cell; beyond `most` their number."""
    texts = [text for text in dict.fromkeys(texts) if text]
    return "、".join(texts[:most]) + (f" 等{len(texts)}项" if len(texts) > most else "")

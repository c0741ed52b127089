"""Movements of what was promised and invested, as the address of a list asks for them: each list adds up to its figure."""
from collections.abc import Mapping

from django.db.models import Q

from funds import dividends, pledges
from funds.flows import Rows
from funds.states import AccountKind

NUMBERS = ("pledge", "investment")      # that an address may carry
NO_LINE = "none"                        # in an address: money that belongs to no special funding line
KEPT = (*NUMBERS, "line")


def narrowed(asked: Mapping[str, str], rows: Rows) -> Rows:
    """The rows that belong to the promise, investment or funding line asked for, and which of them count as minus."""
    numbers = {name: int(asked[name][:15]) for name in NUMBERS if asked.get(name, "").isascii() and asked.get(name, "").isdigit()}
    if "pledge" in numbers:
        rows = rows.narrowed(pledges.movements_of(numbers["pledge"])).less(Q(to_account__kind=AccountKind.SOURCE))
    if "investment" in numbers:
        rows = rows.narrowed(dividends.movements_of(numbers["investment"])).less(dividends.TAKEN_BACK)
    if line := asked.get("line", "")[:60]:
        rows = rows.narrowed(Q(appropriation__special_line="" if line == NO_LINE else line))
    return rows

"""The hash chain of the ledger: how a row becomes bytes, and whether every row is still what was posted.

The digest of a row is SHA-256 over the digest before it and the row's columns in a fixed order. A changed, added or
removed row breaks the chain at its place; a removed last row is told by the head. Whoever can rewrite the whole
database can rewrite the whole chain: that is told by a head noted elsewhere (every exported workbook carries one).
"""
import datetime
import hashlib
from collections.abc import Callable

from django.db import connection
from django.db.models import Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from funds.balances import with_balance
from funds.guards import CHAIN, TABLE
from funds.models import Account, Movement
from office.models import ChainHead
from office.sql import one_moment
from office.trail import ChainReport

SEPARATOR, END = "\x1f", "\n"     # never part of a text, see `plain`
QUOTE = "\x01"
_REWRITTEN = ("\\", "\r", QUOTE)
DIGEST_LENGTH = 64
NEVER = Value(datetime.date.min)       # the day of the last income of an account that had none

# Every column of a movement but its digest, in the order in which they were defined.
FIELDS = tuple(field for field in Movement._meta.concrete_fields if field.name != "digest")
NAMES = tuple(field.attname for field in FIELDS)
COLUMNS = tuple(field.column for field in FIELDS)


def canonical(values) -> str:
    """The line of a row: its database values in the order of `NAMES`, nothing for NULL."""
    return SEPARATOR.join(["" if value is None else value if type(value) is str else str(value) for value in values]) + END


def plain(lines: str, count: int) -> bool:
    """Whether so many lines read the same from both databases: no text in them ends a field, nor has a sign that COPY
    writes in another way."""
    return (lines.count(END) == count and lines.count(SEPARATOR) == count * (len(NAMES) - 1)
            and not any(sign in lines for sign in _REWRITTEN))


def digest(previous: str, line: str) -> str:
    """Digest of the row with this line that follows a row with the digest `previous`."""
    return hashlib.sha256((previous + line).encode()).hexdigest()


def head() -> tuple[int, str]:
    """Sequence and digest of the last row; zero and nothing for an empty ledger."""
    return ChainHead.objects.filter(name=CHAIN).values_list("sequence", "digest").first() or (0, "")


class _Sink:
    """What COPY writes to: it calls `write` with one line after another."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write


def each_line(take: Callable[[bytes], None]) -> None:
    """Give every row of the ledger to `take`, in order: its digest, a separator, its line; put together by the database.

    PostgreSQL sends the whole table with COPY while the rows before are being hashed here; neither side keeps more
    than a few rows.
    """
    columns = [connection.ops.quote_name(column) for column in COLUMNS]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns[NAMES.index("at")] = "at AT TIME ZONE INTERVAL '0'"
            with connection.wrap_database_errors:
                cursor.copy_expert(f"COPY (SELECT digest, {', '.join(columns)} FROM {TABLE} ORDER BY sequence) TO STDOUT "
                                   f"WITH (DELIMITER E'\\x1f', NULL '')", _Sink(take))
            return
        form = SEPARATOR.join(["%%s"] * (len(columns) + 1)) + END
        # Django fills in placeholders only where there are parameters; the one here is always true.
        cursor.execute(f"SELECT CAST(printf('{form}', digest, {', '.join(columns)}) AS BLOB) FROM {TABLE} "
                       f"WHERE sequence > %s ORDER BY sequence", [-1])
        while rows := cursor.fetchmany(1000):
            for (line,) in rows:
                take(line)


def verify() -> ChainReport:
    """Recompute the chain from the first row; the first row that does not fit is named by its place.

    Rows that the head does not know are the first after it, rows that only the head knows the first after the last.
    """
    sha256, start = hashlib.sha256, DIGEST_LENGTH + 1
    count, previous, first_bad, known = 0, b"", None, b""

    def check(line: bytes) -> None:
        nonlocal count, previous, first_bad, known
        count += 1
        expected = sha256(previous + line[start:]).hexdigest().encode()
        if not line.startswith(expected) and first_bad is None:
            first_bad = count
        previous = expected
        if count == last:
            known = expected

    with one_moment():
        last, digest_of_last = head()
        each_line(check)
    if first_bad is None and (count, previous.decode()) != (last, digest_of_last):
        first_bad = min(count, last) + (count < last or known.decode() == digest_of_last)
    return ChainReport(count, first_bad)


def verify_balances() -> ChainReport:
    """Whether every account holds what its movements say; the number of the first account that does not, or is gone."""
    with one_moment():
        last_in = Movement.objects.filter(to_account=OuterRef("pk")).order_by("-on").values("on")[:1]
        drifted = with_balance().alias(last_in=Coalesce(Subquery(last_in), NEVER), noted=Coalesce("last_in_on", NEVER)).exclude(
            balance=F("balance_on"), noted=F("last_in")).order_by("pk")
        bad = [drifted.values_list("pk", flat=True).first()]
        for side in ("from_account_id", "to_account_id"):
            gone = Movement.objects.annotate(there=Exists(Account.objects.filter(pk=OuterRef(side)))).filter(there=False)
            bad.append(gone.order_by(side).values_list(side, flat=True).first())
    return ChainReport(0, min((pk for pk in bad if pk is not None), default=None))

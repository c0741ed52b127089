"""The hash chain of the ledger: how a row becomes bytes, and whether every row is still what was posted.

The digest of a row is SHA-256 over the digest before it and the row's columns in a fixed order. A changed, added or
removed row breaks the chain at its place; a removed last row is told by the head. Whoever can rewrite the whole
database can rewrite the whole chain: that is told by a head noted elsewhere (every exported workbook carries one).
"""
import hashlib
from collections.abc import Iterator

from django.db import connection
from django.db.models import F

from funds.balances import with_balance
from funds.guards import CHAIN, TABLE
from funds.models import Movement
from office.models import ChainHead
from office.trail import ChainReport

SEPARATOR = "\x1f"      # never part of a text: see funds.ledger.plain_text
BLOCK = 1000            # rows that travel from the database as one text

# Every column of a movement but its digest, in the order in which they were defined.
FIELDS = tuple(field for field in Movement._meta.concrete_fields if field.name != "digest")
NAMES = tuple(field.attname for field in FIELDS)


def canonical(values) -> str:
    """The text of a row: its database values in the order of `NAMES`; nothing for NULL."""
    return SEPARATOR.join(["" if value is None else value if type(value) is str else str(value) for value in values])


def digest(previous: str, text: str) -> str:
    """Digest of a row whose canonical text is given and that follows a row with the digest `previous`."""
    return hashlib.sha256((previous + text).encode()).hexdigest()


def head() -> tuple[int, str]:
    """Sequence and digest of the last row; zero and nothing for an empty ledger."""
    return ChainHead.objects.filter(name=CHAIN).values_list("sequence", "digest").first() or (0, "")


def blocks() -> Iterator[str]:
    """The ledger in blocks of lines, `digest` and the row's canonical text, put together by the database.

    By range of the key, so that neither side keeps more than one block; a block may be empty.
    """
    columns = [connection.ops.quote_name(field.column) for field in FIELDS]
    if connection.vendor == "postgresql":
        columns[NAMES.index("at")] = "at AT TIME ZONE 'UTC'"
        line, gather = f"concat(digest, {', chr(31), '.join(columns)})", "string_agg(line, chr(10) ORDER BY sequence)"
    else:
        form = "%%s" + SEPARATOR.join(["%%s"] * len(columns))
        line, gather = f"printf('{form}', digest, {', '.join(columns)})", "group_concat(line, char(10))"
    sql = (f"SELECT {gather} FROM (SELECT sequence, {line} AS line FROM {TABLE} "
           f"WHERE sequence > %s AND sequence <= %s ORDER BY sequence) AS block")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(max(sequence), 0) FROM {TABLE}")
        last = cursor.fetchone()[0]
        for start in range(0, last, BLOCK):
            cursor.execute(sql, [start, start + BLOCK])
            yield cursor.fetchone()[0] or ""


def verify() -> ChainReport:
    """Recompute the chain from the first row; the first row that does not fit is named by its place."""
    sha256, count, previous = hashlib.sha256, 0, ""
    for block in blocks():
        for line in block.split("\n") if block else ():
            count += 1
            stored = line[:64]
            if sha256((previous + line[64:]).encode()).hexdigest() != stored:
                return ChainReport(count, count)
            previous = stored
    if head() != (count, previous):
        return ChainReport(count, count + 1)
    return ChainReport(count, None)


def verify_balances() -> ChainReport:
    """Whether every account holds what its movements say; the number of the first account that does not."""
    drifted = with_balance().exclude(balance=F("balance_on")).order_by("pk").values_list("pk", flat=True).first()
    return ChainReport(0, drifted)

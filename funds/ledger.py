"""Posting: the one place that adds rows to the ledger, numbers and chains them. Everything else prepares or reads."""
import datetime
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from funds import chain, guards
from office.models import ChainHead


class Refused(ValueError):
    """Money may not move like this; the message is the sentence to show: what is wrong, by which rule, what to do.

    `field` names the entry that the sentence is about, so that a form can say it there; blank: it is about the whole.
    """

    def __init__(self, sentence: str, field: str = ""):
        super().__init__(sentence)
        self.field = field


_CODE = re.compile(rf"{guards.CHAIN}:([a-z_]+)")
# A posting is a tuple of database values: all columns but these three, which posting itself fills in.
OWN = ("sequence", "at", "digest")
COLUMNS = tuple(name for name in chain.NAMES if name not in OWN)


def plain_text(text: str) -> str:
    """A text as the ledger keeps it: no control characters, no backslash (see funds.chain), no outer blanks."""
    return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text.replace("\\", "／")).strip()


def row(**values) -> tuple:
    """A posting from database values (money in fen, references by number); texts left out are empty."""
    unknown = set(values) - set(COLUMNS)
    if unknown:
        raise TypeError(f"no such column of a movement: {sorted(unknown)}")
    return tuple(values.get(name, _EMPTY[name]) for name in COLUMNS)


_EMPTY = {field.attname: None if field.null else "" for field in chain.FIELDS}


def post(rows: Sequence[tuple], *, at: datetime.datetime | None = None) -> range:
    """Add the rows (as `row` makes them) to the ledger and return their sequence numbers.

    The head of the chain is locked first, so writers wait for one another here and nowhere else. All rows or none:
    Refused with the rule when the database does not take one of them.
    """
    return _add([chain.canonical(values) for values in rows], rows, at)


def post_alike(common: tuple, columns: Sequence[str], rows: Sequence[tuple], *, at: datetime.datetime | None = None) -> range:
    """The same for many rows that differ from `common` only in some columns: `rows` hold those columns' values."""
    places = [COLUMNS.index(name) for name in columns]
    if places != sorted(places):
        raise ValueError("the columns must come in the order of COLUMNS")
    form = chain.canonical("%s" if place in places else value.replace("%", "%%") if type(value) is str else value
                           for place, value in enumerate(common))
    tails = [form % tuple(["" if value is None else value for value in values]) for values in rows]
    return _add(tails, _spread(common, places, rows), at)


def _spread(common: tuple, places: list[int], rows: Iterable[tuple]) -> Iterator[tuple]:
    complete = list(common)
    for values in rows:
        for place, value in zip(places, values, strict=True):
            complete[place] = value
        yield tuple(complete)


def _add(tails: list[str], rows: Iterable[tuple], at: datetime.datetime | None) -> range:
    """`tails` are the rows' lines but for number and time."""
    if not tails:
        return range(0)
    try:
        with transaction.atomic():
            head, _ = ChainHead.objects.select_for_update().get_or_create(name=guards.CHAIN)
            first = head.sequence + 1
            stamp = (at or timezone.now()).astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
            lines = _chained(tails, first, head.digest, stamp)
            if connection.vendor == "postgresql":
                _copy(lines)
            else:
                _insert((number, stamp, *values, line[:chain.DIGEST_LENGTH])
                        for number, (values, line) in enumerate(zip(rows, lines, strict=True), start=first))
    except IntegrityError as error:
        raise Refused(sentence(error)) from error
    return range(first, first + len(tails))


def _chained(tails: list[str], first: int, previous: str, stamp: str) -> list[str]:
    """The rows as the chain reads them: digest, separator, line."""
    lines = [f"{number}{chain.SEPARATOR}{stamp}{chain.SEPARATOR}{tail}" for number, tail in enumerate(tails, start=first)]
    if not chain.plain("".join(lines), len(lines)):
        raise ValueError("a text of the ledger holds a sign that it cannot keep, see plain_text")
    chained = []
    for line in lines:
        previous = chain.digest(previous, line)
        chained.append(previous + chain.SEPARATOR + line)
    return chained


def _insert(rows: Iterable[tuple]) -> None:
    names = ", ".join(map(connection.ops.quote_name, (*chain.COLUMNS, "digest")))
    marks = ", ".join(["%s"] * (len(chain.COLUMNS) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {guards.TABLE} ({names}) VALUES ({marks})", rows)


def _copy(lines: list[str]) -> None:
    """What the chain reads is what COPY reads; an empty field is NULL but where the column cannot be."""
    names = ", ".join(map(connection.ops.quote_name, ("digest", *chain.COLUMNS)))
    filled = ", ".join(map(connection.ops.quote_name, (field.column for field in chain.FIELDS if not field.null)))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {guards.TABLE} ({names}) FROM STDIN WITH (FORMAT csv, DELIMITER '{chain.SEPARATOR}', NULL '', "
                           f"QUOTE '{chain.QUOTE}', FORCE_NOT_NULL ({filled}))", io.StringIO("".join(lines)))


def sentence(error: Exception) -> str:
    """What a refusal of the database means, in words for people."""
    text = str(error)
    if rule := _CODE.search(text):
        return guards.SENTENCES[rule.group(1)]
    for constraint, words in _CONSTRAINTS.items():
        if constraint in text:
            return words
    return "数据库拒绝了这笔流水，没有任何内容入账"


_CONSTRAINTS = {
    "account_not_overdrawn": "付方账户余额不足，不得超支",
    "movement_two_persons": "经办人和复核人不能是同一人",
    "movement_line_paid_once": "该发放明细已经发放（或退回）过，不能重复",
    "batch_line_id, funds_movement.kind": "该发放明细已经发放（或退回）过，不能重复",
    "movement_appropriation_once": "该指标文已经入账，不能重复入账",
    "funds_movement.appropriation_id": "该指标文已经入账，不能重复入账",
    "movement_voucher_once": "该凭证已经入账，不能重复入账",
    "funds_movement.voucher_id": "该凭证已经入账，不能重复入账",
    "reverses_id": "该笔流水已经冲正，不能重复冲正",
    "movement_payment_names_household": "到户发放必须写明批次、明细和户",
    "movement_payment_names_project": "支付必须写明项目",
    "movement_amount_positive": "金额必须大于零",
    "movement_goes_somewhere": "付方和收方不能是同一账户",
}

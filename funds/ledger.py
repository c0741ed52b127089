"""Posting: the one place that adds rows to the ledger, numbers and chains them. Everything else prepares or reads."""
import datetime
import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from funds import chain, guards
from funds.models import Movement
from office import history
from office.models import ChainHead


class Refused(ValueError):
    """Money may not move like this; the message is the sentence to show: what is wrong, by which rule, what to do."""


_CODE = re.compile(rf"{guards.CHAIN}:([a-z_]+)")
# A posting is a tuple of database values: all columns but these three, which posting itself fills in.
OWN = ("sequence", "at", "digest")
COLUMNS = tuple(name for name in chain.NAMES if name not in OWN)


def plain_text(text: str) -> str:
    """A text without control characters (they would end a field of the chain) and without outer blanks."""
    return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text).strip()


def row(**values) -> tuple:
    """A posting from database values (money in fen, references by number); texts left out are empty."""
    unknown = set(values) - set(COLUMNS)
    if unknown:
        raise TypeError(f"no such column of a movement: {sorted(unknown)}")
    return tuple(values.get(name, _EMPTY[name]) for name in COLUMNS)


_EMPTY = {field.attname: None if field.null else "" for field in chain.FIELDS}


def post(rows: Sequence[tuple], *, at: datetime.datetime | None = None) -> range:
    """Add the rows (tuples in the order of `COLUMNS`) to the ledger and return their sequence numbers.

    The head of the chain is locked first, so writers wait for one another here and nowhere else. All rows or none:
    Refused with the rule when the database does not take one of them.
    """
    if not rows:
        return range(0)
    try:
        with transaction.atomic():
            head, _ = ChainHead.objects.select_for_update().get_or_create(name=guards.CHAIN)
            first = head.sequence + 1
            at = (at or timezone.now()).astimezone(datetime.UTC).replace(microsecond=0)
            names = [Movement._meta.get_field(name).column for name in ("sequence", "at", *COLUMNS, "digest")]
            with connection.wrap_database_errors:     # COPY raises the driver's own errors
                history.insert(Movement, names, list(_chained(rows, first, head.digest, at)))
    except IntegrityError as error:
        raise Refused(sentence(error)) from error
    return range(first, first + len(rows))


def _chained(rows: Iterable[tuple], sequence: int, previous: str, at: datetime.datetime):
    """Complete rows: number, time, the columns, digest."""
    stamp = f"{at:%Y-%m-%d %H:%M:%S}"
    stored = connection.ops.adapt_datetimefield_value(at)
    for number, values in enumerate(rows, start=sequence):
        previous = chain.digest(previous, chain.canonical((number, stamp, *values)))
        yield (number, stored, *values, previous)


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
    "movement_payment_names_project": "支付必须写明项目",
    "movement_amount_positive": "金额必须大于零",
    "movement_goes_somewhere": "付方和收方不能是同一账户",
}

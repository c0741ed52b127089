"""What a sealed table proves itself with: cells as text that survives saving again, keyed digests of rows, one signature.

Excel and WPS rewrite a workbook when they save it: numbers in another notation, dates as serial numbers, texts moved to a
shared list, stored results of formulas dropped. `canonical` therefore reads a cell by the kind of its column, not by the way
it is written. The digests are keyed: who does not hold the installation's key cannot make a row that fits.
"""

import datetime as dt
import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from office import money

SealedKind = Literal["text", "integer", "money", "number", "date"]
FORM = "台账校验 1"
DIGEST_BYTES = 16
MARK_BYTES = 2
FIRST_ROW = 4
"""Row of the sheet that holds the first entry: title, filter and column names stand above it."""

EPOCH = dt.date(1899, 12, 30)
EPOCH_1904 = dt.date(1904, 1, 1)
BLANK = ""
BETWEEN = "\x1f"  # never part of a cell as it counts
FOREIGN = "\x00"  # begins what no exported cell holds: a value of another type, blanks that no export writes
SUM = "=SUM"

_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class SealedColumn:
    """One column: its name, how its cells are to be understood, whether the last row sums it up, how wide it is in
    characters, and whether longer texts go on in the next line of the cell."""

    label: str
    kind: SealedKind = "text"
    total: bool = False
    width: float = 14
    wrap: bool = False

    @property
    def form(self) -> str:
        """As the checking sheet lists it."""
        return self.kind + ("+" if self.total else "")


def plain(text: str) -> str:
    """A text as it is exported: white space of any kind is one blank, none at the ends, and nothing that no file can hold."""
    text = " ".join(text.split())
    return text if text.isprintable() else _UNWRITABLE.sub("", text)


def shown(raw: Any) -> str:
    """A cell of the checking sheet as it reads, whether a program has kept it as a text or as a number."""
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    return plain(str(raw))


def foreign(raw: Any) -> str:
    """Something that no program makes of an exported cell by saving it; it fits nothing that was exported."""
    return FOREIGN + str(raw).replace(BETWEEN, " ")


def of_text(raw: Any, epoch: dt.date) -> str:
    """A text, to the blank: exported texts have none at their ends and nowhere two."""
    return raw if isinstance(raw, str) and raw == plain(raw) else foreign(raw)


def of_integer(raw: Any, epoch: dt.date) -> str:
    return str(int(raw)) if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15 else foreign(raw)


def of_hundredths(raw: Any, epoch: dt.date) -> str:
    """Money or a percentage, as whole hundredths; anything finer fits nothing, and no text does: sums leave texts out."""
    try:
        return foreign(raw) if isinstance(raw, str) else str(money.to_fen(money.parse(raw) or money.ZERO))
    except money.MoneyError:
        return foreign(raw)


def of_date(raw: Any, epoch: dt.date) -> str:
    """A day, whether it is stored as a day or as a serial number."""
    if isinstance(raw, dt.date):
        return raw.isoformat()[:10]
    if isinstance(raw, float) and raw.is_integer() and 0 < raw < 10**6:
        return (epoch + dt.timedelta(days=int(raw))).isoformat()
    return foreign(raw)


READERS: dict[str, Callable[[Any, dt.date], str]] = {
    "text": of_text, "integer": of_integer, "money": of_hundredths, "number": of_hundredths, "date": of_date,
}  # fmt: skip


def read_cells(cells: Sequence[Any], kinds: Sequence[str], epoch: dt.date = EPOCH) -> list[str]:
    """The cells of a row as they count. What stands beyond the last column counts too: it was not exported."""
    readers = [READERS[kind] for kind in kinds]
    read = [
        BLANK if raw is None or raw == "" else raw.canonical if isinstance(raw, Formula) else reader(raw, epoch)
        for raw, reader in zip(cells, readers, strict=False)
    ]
    read.extend([BLANK] * (len(kinds) - len(read)))
    beyond = [BLANK if raw is None else str(raw) for raw in cells[len(kinds):]]
    while beyond and not beyond[-1].strip():
        beyond.pop()
    return read + beyond


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula, with the result that was stored with it (None: none)."""

    text: str
    value: Any = None

    @property
    def canonical(self) -> str:
        return "=" + "".join(self.text.lstrip("=").replace("$", "").upper().split())

    def __str__(self) -> str:
        return self.canonical


class Sealer:
    """Makes digests and signatures with the key of an installation."""

    def __init__(self, key: bytes) -> None:
        self._row_key = hmac.digest(key, b"row", hashlib.sha256)
        self._seal_key = hmac.digest(key, b"seal", hashlib.sha256)
        self.key_id = hashlib.sha256(hmac.digest(key, b"name", hashlib.sha256)).hexdigest()[:12]
        """Names the key without giving it away."""

    def row(self, cells: Iterable[str]) -> bytes:
        """Digest of one row of canonical cells; equal rows of two exports have equal digests."""
        return hashlib.blake2b(BETWEEN.join(cells).encode(), key=self._row_key, digest_size=DIGEST_BYTES).digest()

    def rows(self) -> "hashlib.blake2b":
        """To be fed the digests of all rows in order."""
        return hashlib.blake2b(key=self._seal_key, digest_size=32)

    def sign(self, entries: Iterable[tuple[str, str]]) -> str:
        """Signature over what the checking sheet says of the whole table."""
        body = BETWEEN.join(f"{name}={value}" for name, value in entries)
        return hmac.digest(self._seal_key, body.encode(), hashlib.sha256).hex()


def marks(cells: Iterable[str]) -> bytes:
    """A short check number per cell: says which cell of a changed row is another one. It guards nothing by itself."""
    return b"".join([(zlib.crc32(cell.encode()) & 0xFFFF).to_bytes(MARK_BYTES, "big") for cell in cells])


def serial(day: dt.date) -> int:
    """The number by which spreadsheets store a day."""
    return (day - EPOCH).days


"""Makes a ledger workbook: everything read as of one moment, written as a stream, compared with the database, noted.

The rows wait in a file between reading and writing, so that the reading is short and progress can be noted while writing.
"""
import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import IO

from django.utils import timezone

from funds import chain
from funds.ledgers import dividend_rows, fund_rows, payment_rows, project_rows
from funds.ledgers.columns import LAYOUTS
from funds.ledgers.extent import Extent, chunks
from funds.models import ExportRecord
from funds.states import ExportState, LedgerKind
from office import chains, trail
from office.money import grouped, plain
from office.sql import one_moment
from office.workbooks import MAX_ROWS, Sealed, SealedTable, WorkbookRefused, write_sealed

Progress = Callable[[int, int, str], None]
SOURCES: dict[str, ModuleType] = {
    LedgerKind.FUNDS: fund_rows, LedgerKind.PROJECTS: project_rows, LedgerKind.PAYMENTS: payment_rows,
    LedgerKind.DIVIDENDS: dividend_rows}
STEP = 2000


class ExportRefused(Exception):
    """No file was made; the sentence says why and what to do."""


@dataclass(frozen=True)
class _Moment:
    """What the database said at the moment of the export: figures that the file must come to."""

    at: object
    rows: int
    total: Decimal
    sequence: int
    head: str


def export(record: ExportRecord, out: Path, *, progress: Progress = lambda done, total, message: None) -> Sealed:
    """Write the ledger that a record asks for; the record then holds its figures, and the trail that it was exported.

    Raises ExportRefused, with no file left, when it would not be exactly what the database holds.
    """
    draft = out.with_name(f".{out.stem}.{os.getpid()}.part.xlsx")
    try:
        with tempfile.TemporaryFile(dir=out.parent) as spool:
            moment, extent = _read(record, spool)
            sealed = _write(record, extent, moment, spool, draft, progress)
        if (sealed.rows, sealed.total) != (moment.rows, moment.total):
            raise ExportRefused(f"写出 {sealed.rows} 行 {grouped(sealed.total)} 元，与数据库的 {moment.rows} 行 "
                                f"{grouped(moment.total)} 元不符，为免缺漏没有生成文件，请重新导出")
        digest = _sha256(draft)
        os.replace(draft, out)
    except (ExportRefused, WorkbookRefused) as refused:
        _fail(record, str(refused))
        raise ExportRefused(str(refused)) from refused
    finally:
        draft.unlink(missing_ok=True)
    _note(record, moment, sealed, digest)
    return sealed


def _read(record: ExportRecord, spool: IO[bytes]) -> tuple[_Moment, Extent]:
    """All rows into the spool, and what the database counts at the same moment."""
    source = SOURCES[record.kind]
    with one_moment():
        sequence, head = chain.head()
        now = timezone.now()
        extent = Extent(record.programme, record.area, record.year, sequence, timezone.localdate(now), record.masked)
        rows, total = source.expected(extent)
        if rows > MAX_ROWS:
            raise ExportRefused(
                f"共 {rows} 行，一份工作簿最多 {MAX_ROWS // 10000} 万行，为免缺漏没有生成文件；请按区域或年度分别导出")
        for part in chunks(source.rows(extent), STEP):
            pickle.dump(part, spool, pickle.HIGHEST_PROTOCOL)
    return _Moment(now, rows, total, sequence, head), extent


def _write(record: ExportRecord, extent: Extent, moment: _Moment, spool: IO[bytes], draft: Path, progress: Progress) -> Sealed:
    layout = LAYOUTS[record.kind]
    spool.seek(0)
    return write_sealed(draft, SealedTable(
        kind=record.kind, title=f"{record.area.name}{record.get_kind_display()}", conditions=_conditions(record, moment),
        number=record.number, columns=layout.columns, control=layout.control,
        rows=_watched(_spooled(spool), moment.rows, progress), chain_sequence=moment.sequence, chain_head=moment.head),
        chains.sealer)


def _conditions(record: ExportRecord, moment: _Moment) -> str:
    year = f"{record.year}年" if record.year else "全部年度"
    exporter = record.requested_by or "系统命令"
    numbers = "已隐去" if record.masked else f"未隐去（{record.decided_by}批准）"
    return (f"筛选：{record.programme.name}，{record.area.name}，{year}；证件号码：{numbers}；"
            f"数据截至：{timezone.localtime(moment.at):%Y-%m-%d %H:%M:%S}；导出人：{exporter}；导出编号：{record.number}")


def _spooled(spool: IO[bytes]) -> Iterator[list[tuple]]:
    while True:
        try:
            yield pickle.load(spool)      # written by this process a moment ago, into a file without a name
        except EOFError:
            return


def _watched(parts: Iterator[list[tuple]], total: int, progress: Progress) -> Iterator[tuple]:
    done = 0
    for part in parts:
        yield from part
        done += len(part)
        progress(done, max(total, done), "写出台账")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(record: ExportRecord, moment: _Moment, sealed: Sealed, digest: str) -> None:
    record.cut_off, record.rows, record.total, record.digest = moment.at, sealed.rows, sealed.total, sealed.digest
    record.chain_sequence, record.chain_head, record.sha256 = moment.sequence, moment.head, digest
    record.state, record.message = ExportState.DONE, ""
    record.save(update_fields=["cut_off", "rows", "total", "digest", "chain_sequence", "chain_head", "sha256", "state",
                               "message"])
    trail.record(record.requested_by, "导出台账", record.number, area=record.area_id, detail={
        "kind": record.kind, "programme": record.programme_id, "year": record.year, "rows": sealed.rows,
        "total": plain(sealed.total), "chain_head": moment.head, "masked": record.masked, "sha256": digest})


def _fail(record: ExportRecord, sentence: str) -> None:
    record.state, record.message = ExportState.FAILED, sentence[:300]
    record.save(update_fields=["state", "message"])
    trail.record(record.requested_by, "导出台账未成", record.number, area=record.area_id, detail={"reason": sentence[:300]})

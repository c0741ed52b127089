"""The file by which a bank pays an approved list: full account numbers, and empty columns in which the bank answers.

Account numbers leave the system here and nowhere else in full, since no bank can pay a masked one: only for a list that
another person has approved and that is posted, to who keeps the paying account, noted in the trail. The same file filled in
is what `payments.match_return` takes back.
"""
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from funds.ledger import Refused
from funds.models import BatchLine, PaymentBatch
from funds.payments import paid_lines
from funds.states import BatchState
from office import trail
from office.access import require
from office.models import Officer
from office.roles import Permission
from office.workbooks import Column, SheetSpec, write_tables

ANSWERS = ("成功", "失败")
COLUMNS = (
    Column("batch", "批次号", width=16), Column("position", "序号", "integer", width=8), Column("holder", "户名", width=14),
    Column("card", "账号", "digits", width=24), Column("bank", "开户行", width=26), Column("amount", "金额", "money", width=14),
    Column("order", "银行流水号", width=20), Column("result", "结果", "choice", choices=ANSWERS, width=10),
    Column("reason", "原因", width=28))


@transaction.atomic
def order(batch: PaymentBatch, by: Officer, *, request=None) -> bytes:
    """The workbook for the bank: every line posted that it has not answered yet. Refused before the list is posted."""
    require(by, Permission.RECORD_MONEY, batch.account.area_id)
    if batch.state not in (BatchState.PAID, BatchState.RECONCILED):
        raise Refused(f"批次{batch.get_state_display()}，发放入账后才有代发文件")
    lines = paid_lines(batch).filter(result="").order_by("position")
    if not (count := lines.count()):
        raise Refused("银行已逐笔回盘，没有待代发的明细")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "order.xlsx"
        write_tables(path, [SheetSpec("代发明细", COLUMNS, _rows(batch, lines))])
        content = path.read_bytes()
    trail.record(by, "下载银行代发文件", f"批次 {batch.number}", area=batch.area_id, request=request, detail={"lines": count})
    return content


def _rows(batch: PaymentBatch, lines) -> Iterator[dict]:
    line: BatchLine
    for line in lines.iterator(chunk_size=2000):
        yield {"batch": batch.number, "position": line.position, "holder": line.holder, "card": line.card,
               "bank": line.bank_name, "amount": line.amount}

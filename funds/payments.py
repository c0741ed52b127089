"""Paying an approved list, once, and matching what the bank says happened. Every step may be repeated without harm."""
import datetime
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import BigIntegerField, CharField, ExpressionWrapper, F, Max, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from funds import accounts, ledger
from funds.bank_files import BankFile, BankLine, DamagedFile, read
from funds.ledger import Refused, plain_text
from funds.models import BankReturn, BatchLine, PaymentBatch
from funds.payment_lists import advance, live_lines, require_registered
from funds.states import BankResult, BatchState, Kind
from office import trail
from office.access import require
from office.models import Officer
from office.money import grouped, to_fen
from office.roles import Permission

AT_ONCE = 10_000        # lines named in one statement; a database takes only so many parameters


@transaction.atomic
def pay(batch: PaymentBatch, by: Officer, *, on: datetime.date | None = None,
        progress: Callable[[int, int, str], None] = lambda done, total, message: None, request=None) -> int:
    """Post one movement per line of the approved list, all or none; returns how many were posted (0: paid before).

    The list must come to exactly the number and sum that were approved. Recorded by who made the list, approved by
    who approved it; `by` is who pressed the button and stands in the trail.
    """
    batch = PaymentBatch.objects.select_for_update(of=("self",)).select_related("account", "appropriation").get(pk=batch.pk)
    require(by, Permission.RECORD_MONEY, batch.account.area_id)
    if batch.state in (BatchState.PAID, BatchState.RECONCILED, BatchState.CLOSED):
        return 0
    if batch.state != BatchState.APPROVED:
        raise Refused(f"批次{batch.get_state_display()}，批准后才能发放")
    on = on or timezone.localdate()
    if on < batch.approved_on:
        raise Refused(f"发放日期 {on} 早于批准日期 {batch.approved_on}", "on")
    if on > timezone.localdate():
        raise Refused(f"发放日期 {on} 还没有到，没有发放", "on")
    require_registered(batch)
    rows = _rows(batch)
    total = sum(row[_PLACE_OF_AMOUNT] for row in rows)
    if (len(rows), total) != (batch.lines_count, to_fen(batch.total)):
        raise Refused(f"名单现为 {len(rows)} 笔，与批准的 {batch.lines_count} 笔 {grouped(batch.total)} 元不符，没有发放")
    progress(0, len(rows), "入账")
    cards = accounts.cards(batch.appropriation, batch.account.area_id)
    ledger.post_alike(_posting(batch, on, Kind.HOUSEHOLD_PAYMENT, batch.account_id, cards.pk, batch.recorded_by_id,
                               batch.approved_by_id), _OF_LINE, rows)
    batch.paid_on = on
    advance(batch, BatchState.PAID, "paid_on")
    trail.record(by, "发放到户", f"批次 {batch.number}", area=batch.area_id, request=request,
                 detail={"lines": len(rows), "total": str(batch.total)})
    progress(len(rows), len(rows), "完成")
    return len(rows)


# What one payment differs in from the others of its batch, and where it stands in the line.
_OF_LINE = {
    "amount": ExpressionWrapper(F("amount"), output_field=BigIntegerField()),      # fen, as it is stored
    "area_id": F("household__village_id"), "household_id": F("household_id"), "member_id": F("member_id"),
    "batch_line_id": F("pk"), "voucher_number": F("position"), "payee": F("holder"), "payee_account": F("card_tail"),
}
_PLACE_OF_AMOUNT = list(_OF_LINE).index("amount")


def _rows(batch: PaymentBatch) -> list[tuple]:
    """The live lines as values of the columns `_OF_LINE`."""
    number = Concat(Value(f"{batch.number}-"), Cast("position", CharField()), output_field=CharField())
    wanted = {f"of_{name}": value for name, value in {**_OF_LINE, "voucher_number": number}.items()}
    return list(live_lines(batch).annotate(**wanted).values_list(*wanted))


def _posting(batch: PaymentBatch, on: datetime.date, kind: str, from_account: int, to_account: int, recorded_by: int,
             approved_by: int, **values) -> tuple:
    document = batch.appropriation
    return ledger.row(
        on=on.isoformat(), kind=str(kind), from_account_id=from_account, to_account_id=to_account,
        appropriation_id=document.pk, document=document.document_number, subject_code=document.subject_code,
        economic_code=document.economic_code, use=batch.use, project_id=batch.project_id, batch_id=batch.pk,
        recorded_by_id=recorded_by, approved_by_id=approved_by, **values)


@transaction.atomic
def match_return(batch: PaymentBatch, path: Path | str, by: Officer, *, file_name: str = "", on: datetime.date | None = None,
                 request=None) -> BankReturn:
    """Take a bank's file: results go to the lines, what failed comes back to the account, once.

    Refused, with nothing taken: a damaged file, a file taken before, another batch's file, lines that were never paid,
    other amounts, a result that contradicts an earlier one.
    """
    batch = PaymentBatch.objects.select_for_update(of=("self",)).select_related("account", "appropriation").get(pk=batch.pk)
    require(by, Permission.RECORD_MONEY, batch.account.area_id)
    try:
        file = read(path)
    except DamagedFile as error:
        raise Refused(str(error)) from error
    if earlier := BankReturn.objects.filter(sha256=file.sha256).select_related("batch").first():
        when = timezone.localtime(earlier.received_at)
        raise Refused(f"同一文件已于 {when:%Y-%m-%d %H:%M} 用于批次 {earlier.batch.number}，不能重复上传；"
                      "要上传的若是另一份，请检查是否选错文件")
    if file.batch_number != batch.number:
        raise Refused(f"文件属于批次 {file.batch_number}，不是 {batch.number}；请到那个批次的页面上传，或检查是否选错文件")
    if batch.state not in (BatchState.PAID, BatchState.RECONCILED):
        raise Refused(f"批次{batch.get_state_display()}，发放后才能对账")
    on = on or timezone.localdate()
    if on > timezone.localdate():
        raise Refused(f"回盘日期 {on} 还没有到，请核对日期", "on")
    if _take(batch, file):
        _give_back(batch, by, on)
    received = BankReturn.objects.create(
        batch=batch, file_name=(file_name or Path(path).name)[:120], sha256=file.sha256, order_number=file.order_number[:60],
        on=on, succeeded=sum(line.success for line in file.lines), failed=sum(not line.success for line in file.lines),
        received_by=by)
    if not paid_lines(batch).filter(result="").exists():
        advance(batch, BatchState.RECONCILED)
    trail.record(by, "银行回盘", f"批次 {batch.number}", area=batch.area_id, request=request,
                 detail={"succeeded": received.succeeded, "failed": received.failed})
    return received


def paid_lines(batch: PaymentBatch):
    """Lines that were posted: all that were live when the list was paid, also those that failed since."""
    return batch.lines.filter(pk__in=batch.movements.filter(kind=Kind.HOUSEHOLD_PAYMENT).values("batch_line"))


def _take(batch: PaymentBatch, file: BankFile) -> int:
    """Write the results to the lines; returns how many newly failed."""
    lines = {line.position: line for line in paid_lines(batch).only("position", "amount", "result")}
    told: dict[tuple, list[int]] = defaultdict(list)       # result and reason -> lines for which they are new
    for reported in file.lines:
        line = lines.get(reported.position)
        _fits(batch, reported, line)
        result = BankResult.SUCCESS if reported.success else BankResult.FAILED
        if line.result and line.result != result:
            raise Refused(f"序号 {line.position} 先前已回盘为{line.get_result_display()}，与本文件不符，请向银行核实")
        if not line.result:
            told[result, plain_text(reported.reason)[:80]].append(line.pk)
    for (result, reason), pks in told.items():
        for start in range(0, len(pks), AT_ONCE):
            BatchLine.objects.filter(pk__in=pks[start:start + AT_ONCE]).update(
                result=result, result_reason=reason, live=result == BankResult.SUCCESS)
    return sum(len(pks) for (result, _), pks in told.items() if result == BankResult.FAILED)


def _fits(batch: PaymentBatch, reported: BankLine, line: BatchLine | None) -> None:
    if line is None:
        raise Refused(f"文件中的序号 {reported.position} 不在批次 {batch.number} 的发放名单内；请与银行核对是否混入其他批次")
    if line.amount != reported.amount:
        raise Refused(f"序号 {line.position} 金额 {grouped(reported.amount)} 元与发放的 {grouped(line.amount)} 元不符；"
                      "请向银行核实，重新索取整份文件")


def _give_back(batch: PaymentBatch, by: Officer, on: datetime.date) -> None:
    """What did not reach a card goes back to the account it came from, and may be paid again in another list."""
    if by.pk == batch.approved_by_id:
        raise Refused("退回款项须由批准人以外的人登记；请由财政经办人上传")
    cards = accounts.cards(batch.appropriation, batch.account.area_id)
    latest = batch.movements.aggregate(latest=Max("on"))["latest"]
    if on < latest:
        raise Refused(f"回盘日期 {on} 早于发放日期 {latest}，请填写银行实际回盘的日期", "on")
    lines = batch.lines.filter(result=BankResult.FAILED).exclude(
        pk__in=batch.movements.filter(kind=Kind.REFUND).values("batch_line")).select_related("household")
    ledger.post([
        _posting(batch, on, Kind.REFUND, cards.pk, batch.account_id, by.pk, batch.approved_by_id, amount=to_fen(line.amount),
                 household_id=line.household_id, member_id=line.member_id, batch_line_id=line.pk,
                 area_id=line.household.village_id, voucher_number=f"{batch.number}-{line.position}-退", payee=line.holder,
                 payee_account=line.card_tail, note=line.result_reason)
        for line in lines.order_by("position")])


@transaction.atomic
def close(batch: PaymentBatch, by: Officer, *, request=None) -> PaymentBatch:
    """File a batch whose every line the bank has answered."""
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    require(by, Permission.RECORD_MONEY, batch.account.area_id)
    advance(batch, BatchState.CLOSED)
    trail.record(by, "归档发放批次", f"批次 {batch.number}", area=batch.area_id, request=request)
    return batch

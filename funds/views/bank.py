"""The bank's side of a list of payments: the file it is paid by, and the file in which it says what went through."""
import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from funds import bank_orders, payments
from funds.ledger import Refused
from funds.models import BankReturn, PaymentBatch
from funds.project_forms import ReturnForm
from funds.views.batches import one_batch
from office.access import allow
from office.roles import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def batch_order(request, pk):
    """The workbook for the bank, with full account numbers; every download stands in the trail."""
    found = one_batch(request, pk)
    try:
        content = bank_orders.order(found, request.user, request=request)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("funds:batch", found.pk)
    return HttpResponse(content, XLSX, headers={"Content-Disposition": f'attachment; filename="{found.number}.xlsx"'})


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def batch_return(request, pk):
    """Take the bank's file: successes are marked, failures come back to the account."""
    found = one_batch(request, pk)
    form = ReturnForm(request.POST, request.FILES)
    if not form.is_valid():
        why = "；".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
        messages.error(request, f"文件没有采用：{why}。")
        return redirect("funds:batch", found.pk)
    upload = form.cleaned_data["file"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"return{Path(upload.name).suffix.lower()}"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        try:
            taken = payments.match_return(found, path, request.user, file_name=upload.name, on=form.cleaned_data["on"],
                                          request=request)
        except Refused as refused:
            messages.error(request, f"文件整份没有采用，没有一笔入账：{refused}。")
        else:
            _say_taken(request, found, taken)
    return redirect("funds:batch", found.pk)


def _say_taken(request, batch: PaymentBatch, taken: BankReturn) -> None:
    """What the file said, and how many payments no file has spoken of yet: a short one would look like the whole."""
    words = f"已对账：文件中成功 {taken.succeeded} 笔，失败 {taken.failed} 笔"
    words += "，失败的款项已退回付款账户。" if taken.failed else "。"
    if missing := payments.paid_lines(batch).filter(result="").count():
        messages.warning(request, f"{words}还有 {missing} 笔不在文件中，没有银行结果；如文件不完整，请向银行索取其余部分再上传。")
    else:
        messages.success(request, words)

"""Workbooks in and out of the browser: hand in, look at the difference, confirm or set aside, ask for an export."""
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from households import actions, exporter, tasks
from households.forms import ExportForm, UploadForm
from households.importer.outcomes import KINDS
from households.models import ImportBatch, ImportRow
from office import jobs, trail
from office.access import allow
from office.paging import page_by_key
from office.roles import Permission
from office.sessions import unattended
from office.workbooks import WorkbookRefused

HOME = {"label": "数据导入", "url": "/households/imports/"}
PAGE = 30
DOUBTFUL = "doubtful"


def _own(request, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user).select_related("programme", "job", "owner", "area"),
                             pk=pk)


@allow(Permission.IMPORT_REGISTER)
def import_list(request):
    """The own uploads, the latest first."""
    own = ImportBatch.objects.visible_to(request.user).select_related("programme", "job")
    return render(request, "households/imports.html", {
        "title": "数据导入", "page": page_by_key(own, request.GET, descending=True),
        "can_export": request.user.may(Permission.EXPORT_REGISTER)})


@allow(Permission.IMPORT_REGISTER, methods=("GET", "POST"), writes=True)
def import_new(request):
    """Hand in a workbook; it is looked at before it is opened, then checked by a job."""
    form = UploadForm(request.POST or None, request.FILES or None, officer=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                batch = actions.receive(form.cleaned_data["file"], form.cleaned_data["programme"], request.user,
                                        request=request)
                tasks.submit_check(batch)
        except WorkbookRefused as refused:
            form.add_error("file", str(refused))
        except OSError:
            form.add_error("file", "服务器磁盘已满或不可写，文件没有收下，请联系系统管理员后重新上传")
        else:
            return redirect(batch)
    return render(request, "households/import_new.html", {
        "title": "上传登记表", "form": form, "max_bytes": settings.UPLOAD_LIMIT_BYTES,
        "template_url": reverse("households:import_template"), "crumbs": [HOME, {"label": "上传登记表"}]})


@allow(Permission.IMPORT_REGISTER)
def import_template(request):
    """The empty workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        exporter.template(path)
        return FileResponse(path.open("rb"), as_attachment=True, filename="登记表模板.xlsx")


@unattended
@allow(Permission.IMPORT_REGISTER)
def import_page(request, pk):
    """One upload: its progress while a job works on it, then what would change or did, row by row."""
    batch = _own(request, pk)
    if request.htmx:
        return _progress(request, batch)
    context = {"title": batch.file_name, "batch": batch, "crumbs": [HOME, {"label": batch.file_name}]}
    if batch.is_busy:
        return render(request, "households/import.html", context | _job_context(batch))
    chosen = request.GET.get("outcome", "")
    counted = batch.rows.aggregate(**{value: Count("pk", filter=Q(outcome=value)) for value in ImportRow.Outcome.values},
                                   all=Count("pk"), doubtful=Count("pk", filter=Q(doubtful=True)))
    rows = batch.rows.all()
    if chosen in ImportRow.Outcome.values:
        rows = rows.filter(outcome=chosen)
    elif chosen == DOUBTFUL:
        rows = rows.filter(doubtful=True)
    tabs = [("", "全部", "all"), *((value, label, value) for value, label in ImportRow.Outcome.choices),
            (DOUBTFUL, "有疑点", DOUBTFUL)]
    return render(request, "households/import.html", context | {
        "summary": _summary(batch), "page": page_by_key(rows, request.GET, size=PAGE),
        "tabs": [{"label": label, "url": f"?outcome={value}" if value else "?", "active": value == chosen,
                  "count": counted[key]} for value, label, key in tabs],
        "writes": sum(batch.counts[kind][key] for kind in KINDS.values() for key in ("created", "updated"))
        if batch.counts else 0})


def _summary(batch: ImportBatch) -> list[dict]:
    """The counts as lines of a table, by sheet."""
    if not batch.counts:
        return []
    return [{"sheet": sheet, **batch.counts[kind]} for sheet, kind in KINDS.items() if any(batch.counts[kind].values())]


def _job_context(batch: ImportBatch) -> dict:
    return {"job": batch.job, "poll_url": batch.get_absolute_url(),
            "cancel_url": reverse("office:job_cancel", args=[batch.job.pk])}


def _progress(request, batch: ImportBatch):
    """The progress component; when the work is over, the whole page is fetched anew."""
    if batch.is_busy:
        return render(request, "_components/job_progress.html", _job_context(batch))
    return HttpResponse(headers={"HX-Refresh": "true"})


@allow(Permission.IMPORT_REGISTER, methods=("POST",), writes=True)
def import_apply(request, pk):
    """Confirm: write what was checked. A second click finds it under way and does nothing."""
    batch = _own(request, pk)
    with transaction.atomic():
        if actions.confirm(batch):
            tasks.submit_apply(batch)
            trail.record(request.user, "确认写入登记表", f"import:{batch.pk}", area=batch.area_id or "", request=request,
                         detail={"file": batch.file_name})
        else:
            messages.info(request, "这份登记表已经在写入或已处理，没有重复执行。")
    return redirect(batch)


@allow(Permission.IMPORT_REGISTER, methods=("POST",), writes=True)
def import_retry(request, pk):
    """Send the work of an upload again whose job ended without an outcome, or whose check was stopped."""
    batch = _own(request, pk)
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if batch.is_stuck and locked.job_id == batch.job_id and locked.state == ImportBatch.State.APPLYING:
            tasks.submit_apply(batch)
        elif (batch.is_stuck or (locked.state == ImportBatch.State.FAILED and not locked.counts)) \
                and locked.job_id == batch.job_id:
            ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.CHECKING)
            tasks.submit_check(batch)
    return redirect(batch)


@allow(Permission.IMPORT_REGISTER, methods=("POST",), writes=True)
def import_discard(request, pk):
    batch = _own(request, pk)
    if actions.discard(batch, request=request):
        messages.success(request, "已放弃这份上传，登记库没有改动，文件已删除。"
                         if not batch.applied else "已放弃；此前已写入的户保留，文件已删除。")
    else:
        messages.info(request, "这份上传正在处理或已写入，不能放弃。")
    return redirect("households:imports")


@allow(Permission.IMPORT_REGISTER)
def import_report(request, pk):
    """The own workbook back, every finding at its cell."""
    batch = _own(request, pk)
    path = actions.path_of(batch.report) if batch.report else None
    if path is None or not path.is_file():
        raise Http404("检查报告还没有生成，或文件已被清理；请重新上传登记表")
    trail.record(request.user, "下载检查报告", f"import:{batch.pk}", area=batch.area_id or "", request=request,
                 detail={"file": batch.file_name})
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"检查结果_{batch.file_name}")


@allow(Permission.EXPORT_REGISTER, methods=("GET", "POST"), writes=True)
def export_new(request):
    """Ask for the register as a workbook: a job writes it, the reason stands in the trail."""
    form = ExportForm(request.POST or None, officer=request.user)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with transaction.atomic():
            job = jobs.submit(tasks.EXPORT, f"导出登记表 {asked['area'].name} {asked['year']}年", owner=request.user,
                              area=asked["area"], programme=asked["programme"].pk, year=asked["year"],
                              reason=asked["reason"])
            trail.record(request.user, "申请导出登记数据", f"job:{job.pk}", area=asked["area"].pk, request=request,
                         detail={"programme": asked["programme"].pk, "year": asked["year"], "reason": asked["reason"]})
        return redirect("office:job", pk=job.pk)
    return render(request, "households/export_new.html", {
        "title": "导出登记表", "form": form, "crumbs": [HOME, {"label": "导出登记表"}]
        if request.user.may(Permission.IMPORT_REGISTER) else [{"label": "导出登记表"}]})

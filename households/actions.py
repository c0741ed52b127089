"""What people do with uploads: hand one in, have it checked, write it, set it aside. Nothing here enqueues work."""
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from households.importer import Import, ImportInterrupted, ImportRefused
from households.models import ImportBatch
from office import trail
from office.jobs import Cancelled
from office.models import Area, Officer, Programme
from office.roles import Permission
from office.workbooks import WorkbookRefused, inspect_file

FOLDER = "imports"
State = ImportBatch.State
Progress = Callable[[int, int, str], None]


def receive(upload, programme: Programme, officer: Officer, *, request=None) -> ImportBatch:
    """Keep an uploaded workbook where only the product reads it. Raises WorkbookRefused before anything is opened."""
    scope = officer.scope_for(Permission.IMPORT_REGISTER)
    name = Path(upload.name).name[:200]
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            programme=programme, owner=officer, file_name=name, area=Area.objects.filter(pk__in=scope).first(), file="",
            sha256="")
        batch.file = f"{FOLDER}/{batch.pk}/original.xlsx"
        path = path_of(batch.file)
        try:
            batch.sha256 = _keep(upload, path)
            inspect_file(path, settings.UPLOAD_LIMIT_BYTES)
        except BaseException:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise
        batch.save(update_fields=["file", "sha256"])
        trail.record(officer, "上传登记表", f"import:{batch.pk}", area=batch.area_id or "", request=request,
                     detail={"file": name, "programme": programme.pk, "sha256": batch.sha256, "bytes": upload.size})
    return batch


def _keep(upload, path: Path) -> str:
    """Write the upload readable by nobody else; returns its SHA-256."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as kept:
        for chunk in upload.chunks():
            digest.update(chunk)
            kept.write(chunk)
    return digest.hexdigest()


def path_of(relative: str) -> Path:
    return Path(settings.MEDIA_ROOT) / relative


def check(batch: ImportBatch, progress: Progress) -> None:
    """Read and check an upload; afterwards it can be looked at and confirmed."""
    if not ImportBatch.objects.filter(pk=batch.pk, state__in=(State.CHECKING, State.FAILED, State.CHECKED)).update(
            state=State.CHECKING, message=""):
        return
    _work(batch, progress, dry_run=True, done=State.CHECKED)


def confirm(batch: ImportBatch) -> bool:
    """Decide to write a checked upload. False when somebody (a second click) has done so already."""
    return bool(ImportBatch.objects.filter(pk=batch.pk, state__in=(State.CHECKED, State.FAILED)).exclude(counts={})
                .update(state=State.APPLYING, message=""))


def apply(batch: ImportBatch, progress: Progress) -> None:
    """Write a confirmed upload. It is checked once more: the register may have changed since it was looked at."""
    if not ImportBatch.objects.filter(pk=batch.pk, state=State.APPLYING).exists():
        return
    _work(batch, progress, dry_run=False, done=State.APPLIED)
    trail.record(batch.owner, "导入登记数据", f"import:{batch.pk}", area=batch.area_id or "",
                 detail={"file": batch.file_name, "programme": batch.programme_id, **batch.counts})


def _work(batch: ImportBatch, progress: Progress, *, dry_run: bool, done: str) -> None:
    """Run the import and note how it ended; raises what the job has to say."""
    report = f"{FOLDER}/{batch.pk}/report.xlsx"
    work = Import(path_of(batch.file), batch.programme, officer=batch.owner, batch=batch, dry_run=dry_run,
                  report=path_of(report), file_name=batch.file_name, progress=progress)
    try:
        batch.counts = work.run()
        batch.state, batch.message = done, ""
    except (WorkbookRefused, ImportRefused) as refused:
        batch.state, batch.message = State.REFUSED, str(refused)
    except ImportInterrupted as stopped:
        batch.state, batch.message = State.FAILED, str(stopped)
    except Cancelled:
        batch.state = State.FAILED
        batch.message = "已按要求停止，没有写入" if dry_run else "已按要求停止；已写入的户数据完整，可以继续写入"
        _save(batch, report)
        raise
    _save(batch, report)


def _save(batch: ImportBatch, report: str) -> None:
    if path_of(report).exists():
        path_of(report).chmod(0o600)
        batch.report = report
    batch.applied_at = timezone.now() if batch.state == State.APPLIED else None
    batch.save(update_fields=["counts", "state", "message", "report", "applied_at"])


def discard(batch: ImportBatch, *, request=None) -> bool:
    """Set an upload aside: nothing of it is written, and its files, which hold personal data, are removed."""
    free = (State.CHECKED, State.REFUSED, State.FAILED)
    if not ImportBatch.objects.filter(pk=batch.pk, state__in=free).update(state=State.DISCARDED, report="", file=""):
        return False
    batch.rows.all().delete()
    if batch.file:
        shutil.rmtree(path_of(batch.file).parent, ignore_errors=True)
    trail.record(batch.owner, "放弃上传", f"import:{batch.pk}", area=batch.area_id or "", request=request,
                 detail={"file": batch.file_name})
    return True

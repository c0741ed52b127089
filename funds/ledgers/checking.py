"""A ledger workbook that somebody uploads to be checked: kept only as long as the check takes."""
import hashlib
import os
import uuid
from pathlib import Path

from django.conf import settings

from office import chains, trail
from office.models import Officer
from office.money import plain
from office.workbooks import SealReport

FOLDER = "ledger_checks"
LISTED = 200


def receive(upload) -> dict[str, str]:
    """Keep an uploaded file readable by nobody else; returns what a job needs to find and name it."""
    relative = f"{FOLDER}/{uuid.uuid4().hex}.xlsx"
    path = _path(relative)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as kept:
        for chunk in upload.chunks():
            digest.update(chunk)
            kept.write(chunk)
    return {"file": relative, "name": Path(upload.name).name[:120], "sha256": digest.hexdigest()}


def check(by: Officer, *, file: str, name: str, sha256: str) -> dict:
    """What is wrong with the file, as a result that can be stored; the file is removed. Noted in the trail.

    Raises WorkbookRefused when it is no ledger of this system, FileNotFoundError when it was checked before.
    """
    path = _path(file)
    try:
        if not path.is_file():
            raise FileNotFoundError(name)
        report = chains.verify_file(path, settings.UPLOAD_LIMIT_BYTES)
    finally:
        path.unlink(missing_ok=True)
    trail.record(by, "核验台账", report.stated.get("导出编号", "")[:40], detail={
        "file": name, "ok": report.ok, "entries": report.entries, "first_bad": report.first_bad, "sha256": sha256})
    return _stored(report)


def _path(relative: str) -> Path:
    return Path(settings.MEDIA_ROOT) / relative


def _stored(report: SealReport) -> dict:
    return {
        "ok": report.ok, "only_moved": report.only_moved, "entries": report.entries,
        "total": plain(report.total), "remarks": report.remarks,
        "stated": {name: value[:200] for name, value in report.stated.items()},
        "findings": [{"what": one.what, "place": one.place, "sheet": one.sheet, "row": one.row, "was": one.was,
                      "sentence": one.sentence[:300]} for one in report.findings[:LISTED]],
        "more": max(len(report.findings) - LISTED, 0) + report.unlisted}

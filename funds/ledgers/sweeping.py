"""Files of ledgers are kept for some days and then removed; what was exported, by whom and with which digest stays.

A file can be made again at any time, and a workbook that was taken away can be checked without it: the record keeps its
figures and its digest.
"""
import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from funds.ledgers import checking, orders
from funds.models import ExportRecord
from office import trail

log = logging.getLogger(__name__)
UNTAKEN_DAYS = 7            # of a file with full numbers that nobody took, and of an upload whose check never ran


def sweep() -> int:
    """Remove the files whose days are over; returns how many. A file that cannot be removed is tried again next time."""
    now, removed = timezone.now(), 0
    keep = timedelta(days=settings.KEEP_FILES_DAYS)
    root = Path(settings.MEDIA_ROOT)
    for path in sorted((root / orders.FOLDER).glob("*/*")):
        record = ExportRecord.objects.filter(pk=path.parent.name).first() if path.parent.name.isdigit() else None
        days = keep if record is None or record.masked else min(keep, timedelta(days=UNTAKEN_DAYS))
        if _is_older(path, now - days) and _removed(path):
            removed += 1
            if record is not None:
                trail.record(None, "清理台账文件", record.number, area=record.area_id, detail={"days": days.days})
    for path in sorted((root / checking.FOLDER).glob("*")):
        removed += _is_older(path, now - timedelta(days=UNTAKEN_DAYS)) and _removed(path)
    return removed


def _is_older(path: Path, moment) -> bool:
    return path.is_file() and path.stat().st_mtime < moment.timestamp()


def _removed(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s was not removed: %s", path.name, error)
        return False
    return True

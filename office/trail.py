"""The audit trail: record what somebody did, and prove that nothing was altered since.

Each entry's digest covers its fields and the digest of the entry before it; the database refuses update and delete.
Whoever holds the database file could rewrite the whole chain; a head noted outside (printed on exports) shows that too.
"""
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from office.access import writing
from office.models import AuditEvent, ChainHead

CHAIN = "trail"


@dataclass(frozen=True)
class ChainReport:
    """Outcome of a check: number of entries read and the first one that does not fit (None: all fit)."""

    entries: int
    first_bad: int | None

    @property
    def ok(self) -> bool:
        return self.first_bad is None


def digest_of(event: AuditEvent) -> str:
    """SHA-256 over the entry's fields in a fixed order; the time in whole microseconds UTC."""
    body = [event.sequence, int(event.at.timestamp() * 1_000_000), event.officer_id, event.officer_name, event.action,
            event.subject, event.area_code, event.detail, event.address, event.previous]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def client_address(request) -> str:
    return request.META.get("REMOTE_ADDR", "") if request is not None else ""


def record(officer, action: str, subject: str = "", *, detail: dict | None = None, area: str = "",
           request=None) -> AuditEvent:
    """Add one entry. `detail` must not carry ID, card or phone numbers; `officer` None means the system itself."""
    at = timezone.now()
    with writing(), transaction.atomic():
        head, _ = ChainHead.objects.select_for_update().get_or_create(name=CHAIN)
        event = AuditEvent(
            sequence=head.sequence + 1, at=at, officer=officer if officer and officer.pk else None,
            officer_name=str(officer) if officer else "系统", action=action, subject=subject[:120], area_code=area,
            detail=detail or {}, address=client_address(request), previous=head.digest)
        event.digest = digest_of(event)
        event.save(force_insert=True)
        head.sequence, head.digest = event.sequence, event.digest
        head.save(update_fields=["sequence", "digest"])
    return event


def verify(progress: Callable[[int, int], None] | None = None) -> ChainReport:
    """Recompute the chain from the first entry up to the head that stands at the start, so that what is recorded meanwhile
    raises no alarm; also notices a missing last entry and entries behind the head. `progress(done, total)` is told.
    """
    head = ChainHead.objects.filter(name=CHAIN)
    last = head.values_list("sequence", "digest").first() or (AuditEvent.objects.count(), "")
    expected, previous = 0, ""
    for event in AuditEvent.objects.filter(sequence__lte=last[0]).order_by("sequence").iterator(chunk_size=2000):
        expected += 1
        if progress and expected % 2000 == 0:
            progress(expected, last[0])
        if event.sequence != expected or event.previous != previous or event.digest != digest_of(event):
            return ChainReport(expected, expected)
        previous = event.digest
    if (expected, previous) != last:        # also without a head: nobody could say whether the last entries are there
        return ChainReport(expected, expected + (expected < last[0] or not last[1]))
    # One statement: entry and head of the same moment.
    known = Coalesce(Subquery(head.values("sequence")), 0)
    return ChainReport(expected, AuditEvent.objects.filter(sequence__gt=known).aggregate(first=Min("sequence"))["first"])

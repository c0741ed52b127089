"""What proves that nothing was altered: the hash chains by name, and the workbooks that were sealed here.

A room that keeps another chain, or that knows more of a sealed workbook than the workbook itself, adds its check when it
is ready.
"""
from collections.abc import Callable
from pathlib import Path

from django.utils.functional import SimpleLazyObject

from office import trail
from office.fields import ring
from office.workbooks import Sealer, SealReport, check_sealed
from office.workbooks.container import DEFAULT_MAX_BYTES

sealer: Sealer = SimpleLazyObject(lambda: Sealer(ring.derived_key("sealed workbooks")))

# Name of the chain -> check of the whole chain.
CHECKS: dict[str, Callable[[], trail.ChainReport]] = {trail.CHAIN: trail.verify}

# Each compares a sealed workbook with what the database knows and adds its findings to the report.
FILE_CHECKS: list[Callable[[SealReport], None]] = []


def add(name: str, check: Callable[[], trail.ChainReport]) -> None:
    """Have `verify_chain` check one more chain."""
    CHECKS[name] = check


def add_file_check(check: Callable[[SealReport], None]) -> None:
    """Have every sealed workbook that is checked compared by one more check."""
    FILE_CHECKS.append(check)


def verify_file(path: str | Path, max_bytes: int = DEFAULT_MAX_BYTES) -> SealReport:
    """Whether a workbook that was sealed here is complete and unaltered; WorkbookRefused when it is no such workbook."""
    report = check_sealed(path, sealer, max_bytes)
    for check in FILE_CHECKS:
        check(report)
    return report


def verify_all() -> dict:
    """Entries read over all chains, whether all fit, and the first entry that does not, as `chain:sequence`."""
    entries, first_bad = 0, None
    for name, check in CHECKS.items():
        report = check()
        entries += report.entries
        if not report.ok and first_bad is None:
            first_bad = f"{name}:{report.first_bad}"
    return {"entries": entries, "ok": first_bad is None, "first_bad": first_bad}

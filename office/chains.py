"""The hash chains of the product by name. A room that keeps another one adds its check when it is ready."""
from collections.abc import Callable

from office import trail

# Name of the chain -> check of the whole chain.
CHECKS: dict[str, Callable[[], trail.ChainReport]] = {trail.CHAIN: trail.verify}


def add(name: str, check: Callable[[], trail.ChainReport]) -> None:
    """Have `verify_chain` check one more chain."""
    CHECKS[name] = check


def verify_all() -> dict:
    """Entries read over all chains, whether all fit, and the first entry that does not, as `chain:sequence`."""
    entries, first_bad = 0, None
    for name, check in CHECKS.items():
        report = check()
        entries += report.entries
        if not report.ok and first_bad is None:
            first_bad = f"{name}:{report.first_bad}"
    return {"entries": entries, "ok": first_bad is None, "first_bad": first_bad}

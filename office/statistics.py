"""Published figures as people read them, and how sure they are by what their source says."""
import re
from decimal import Decimal

UNCONFIRMED = re.compile(
    r"to be confirmed|not traced|confidence (low|medium)|待[^，；。]{0,6}(核|查|确认)|未(核实|查到|查证|追溯)|可信度(低|中)",
    re.IGNORECASE)


def is_unconfirmed(source: str) -> bool:
    """Whether the source itself says that the figure has not been seen in the original publication."""
    return bool(UNCONFIRMED.search(source))


def shown_figure(value: Decimal) -> str:
    """All decimals that matter and no more, thousands grouped: 17167.7000 -> 17,167.7."""
    return f"{value.normalize():,f}"

"""Where a page is: the way down from the widest area of the officer's scope."""
from collections.abc import Callable

from office.models import Area, code_range


def in_scope(officer, code: str) -> bool:
    """Whether the area with this code lies inside one of the officer's areas."""
    return any(lo <= code < hi for lo, hi in map(code_range, officer.scope))


def way_down(officer, area: Area, url_of: Callable[[Area], str]) -> list[dict]:
    """Crumbs from the province to the area; those outside the scope are names without a link."""
    return [{"label": place.name, "url": url_of(place) if in_scope(officer, place.code) else ""} for place in area.trail]

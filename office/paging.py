"""Paging by key: the next page starts after the last row shown, however many rows lie before it."""
from dataclasses import dataclass

from django.core.exceptions import ValidationError


@dataclass(frozen=True)
class Page:
    """One page of a list; `previous` and `next` are the keys the pager links to, blank where there is none."""

    rows: list
    previous: str
    next: str
    total: int | None = None

    @property
    def shown(self) -> int:
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)


def page_by_key(queryset, parameters, *, key: str = "pk", descending: bool = False, size: int = 50,
                total: int | None = None) -> Page:
    """The page that `after` or `before` in the URL asks for, ordered by a unique column.

    A key that is no value of the column gives the first page: old links and hand-made ones lead somewhere.
    """
    backwards = bool(parameters.get("before"))
    cursor = _value(queryset.model, key, parameters.get("before") or parameters.get("after"))
    backwards = backwards and cursor is not None
    forward = descending == backwards
    if cursor is not None:
        queryset = queryset.filter(**{f"{key}__{'gt' if forward else 'lt'}": cursor})
    rows = list(queryset.order_by(key if forward else f"-{key}")[:size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    first, last = (str(getattr(rows[0], key)), str(getattr(rows[-1], key))) if rows else ("", "")
    has_previous = more if backwards else cursor is not None
    has_next = bool(rows) if backwards else more
    return Page(rows, first if has_previous else "", last if has_next else "", total)


def _value(model, key: str, text: str | None):
    """The column's own kind of value; None for a blank and for what is none."""
    field = model._meta.pk if key == "pk" else model._meta.get_field(key)
    try:
        return field.to_python(text) if text else None
    except ValidationError:
        return None

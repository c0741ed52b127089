"""Figures as people read them: grouped, rounded half-up for show only, with a dash where nothing is known."""
from decimal import Decimal, InvalidOperation

from django import template

from office import masking, money

register = template.Library()

UNKNOWN = "—"
MASKS = {"id": masking.mask_id, "phone": masking.mask_phone, "card": masking.mask_card, "name": masking.mask_name}


def exact(value) -> Decimal | None:
    """The value as a decimal number, unrounded; None when it is blank or no number."""
    if value is None or value == "":
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def grouped(value, places: int) -> str:
    """1234.5 with two places -> "1,234.50"; a minus is the typographic one, so that it is not lost in a column."""
    number = exact(value)
    if number is None:
        return UNKNOWN
    number = money.round_half_up(number, places)
    return f"{number or abs(number):,.{places}f}".replace("-", "−")


@register.filter
def yuan(value, places: int = 2) -> str:
    """Money in yuan: 7725.47 -> "7,725.47". `|yuan:0` shows whole yuan."""
    return grouped(value, places)


@register.filter
def wan(value, places: int = 2) -> str:
    """Money in yuan shown in 万元: 12345678 -> "1,234.57"."""
    number = exact(value)
    return UNKNOWN if number is None else grouped(number / 10_000, places)


@register.filter
def count(value) -> str:
    """A number of households, persons, villages: 52775 -> "52,775"."""
    return grouped(value, 0)


@register.filter
def percent(value, places: int = 1) -> str:
    """A share as a fraction of one: 0.8731 -> "87.3%"."""
    number = exact(value)
    return UNKNOWN if number is None else f"{grouped(number * 100, places)}%"


@register.filter
def share(part, whole) -> str:
    """`{{ met|share:assessed }}` -> "87.3%"; a dash when there is nothing to divide by."""
    top, bottom = exact(part), exact(whole)
    return UNKNOWN if top is None or not bottom else percent(top / bottom)


@register.filter
def signed(value, places: int = 0) -> str:
    """A change: 12 -> "+12", -3 -> "−3", 0 -> "0"."""
    figure = grouped(value, places)
    return f"+{figure}" if direction(value) == "up" else figure


@register.filter
def magnitude(value, places: int = 0) -> str:
    """A change without its sign, for use beside the word that says the direction."""
    number = exact(value)
    return UNKNOWN if number is None else grouped(abs(number), places)


@register.filter
def direction(value) -> str:
    """Which way a change goes: up, down, same; empty when it is not known."""
    number = exact(value)
    if number is None:
        return ""
    return "up" if number > 0 else "down" if number < 0 else "same"


@register.filter
def masked(value, kind: str) -> str:
    """Personal data as it may be shown; `kind`: id, phone, card, name. `{{ member.id_number|masked:"id" }}`."""
    return MASKS[kind](str(value)) if value else UNKNOWN

"""Personal data as it may be shown: names on public pages, numbers on every screen and export."""


def mask_name(name: str) -> str:
    """张*明, 张*: the surname and, from three characters on, the last one stay.

    Characters beyond the basic plane count as one, so a rare given name does not leak half of itself.
    """
    if len(name) < 2:
        return "*" * len(name)
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id(number: str) -> str:
    """``441421********7751``: area and the last four stay, the birth date goes; of anything shorter only the last four."""
    if len(number) < 15:
        return mask_card(number)
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def mask_phone(number: str) -> str:
    """``138****1234``; of a shorter number only the last two digits."""
    if len(number) < 11:
        return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_card(number: str) -> str:
    """A bank card: the last four digits. A number too short to hide anything is hidden whole."""
    if len(number) <= 8:
        return "*" * len(number)
    return "*" * (len(number) - 4) + number[-4:]

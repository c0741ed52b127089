"""What somebody typed into the search box: a name, initials, a household number, or (part of) an ID number.

ID numbers are stored encrypted, so they are found by blind index only; the index, never the number, goes on in addresses.
"""
import datetime
import re
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from households.models import MemberYear
from office.fields import ring
from office.identity import citizen_number_error, normal_number

INITIALS_LENGTH = 30        # length of the columns that hold initials
INDEX_LENGTH = 32           # hex digits of a blind index
HOUSEHOLD_NO_LENGTH = 16


class Kind(StrEnum):
    NAME = "name"
    INITIALS = "initials"
    NUMBER = "household_no"
    ID_NUMBER = "id_number"
    ID_TAIL = "id_tail"


LABELS = {Kind.NAME: "姓名", Kind.INITIALS: "拼音首字母", Kind.NUMBER: "户编号", Kind.ID_NUMBER: "证件号码",
          Kind.ID_TAIL: "证件号码后六位"}
# Address parameters that carry blind indexes instead of what was typed.
TOKENS = {"idn": Kind.ID_NUMBER, "idt": Kind.ID_TAIL}
_TOKEN = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{32})?", re.ASCII)


@dataclass(frozen=True)
class Search:
    """One thing looked for; `value` is made of blind indexes for ID numbers and is the normalised text otherwise."""

    kind: Kind
    value: str

    @property
    def is_secret(self) -> bool:
        return self.kind in TOKENS.values()

    @property
    def label(self) -> str:
        return f"{LABELS[self.kind]}：{'（已隐去）' if self.is_secret else self.value}"

    @property
    def parameters(self) -> dict[str, str]:
        """How the search stands in an address; an ID number never does."""
        name = next((token for token, kind in TOKENS.items() if kind == self.kind), "q")
        return {name: self.value}

    def condition(self, year: int) -> Q:
        """Which household-years of the year match, as a condition on their household and primary key."""
        if self.kind == Kind.NUMBER:
            # Between the lowest and the highest number with these first digits: an index range on both databases.
            return Q(household_id__gte=self.value.ljust(HOUSEHOLD_NO_LENGTH, "0"),
                     household_id__lte=self.value.ljust(HOUSEHOLD_NO_LENGTH, "9"))
        return Q(pk__in=MemberYear.objects.filter(self._person(), year=year).values("household_year_id"))

    def _person(self) -> Q:
        """The condition on a member; the head is a member as well."""
        if self.kind == Kind.ID_TAIL:
            return Q(id_tail_index=self.value)
        if self.kind == Kind.ID_NUMBER:
            # The index of the last six leads to a handful of rows, the index of the whole number picks the one.
            return Q(id_tail_index=self.value[INDEX_LENGTH:], id_number_index=self.value[:INDEX_LENGTH])
        column = "name_initials" if self.kind == Kind.INITIALS else "name"
        # Each database takes the half that its index can answer; together they say: begins with.
        return Q(**{f"{column}__startswith": self.value, f"{column}__gte": self.value})


def understand(text: str, today: datetime.date) -> Search | None:
    """The search that a typed text means; None when nothing is left of it."""
    number = normal_number(text)
    if not number:
        return None
    # Eighteen digits may also be a person's number in the register; one that ends in X can only be an ID number.
    if re.fullmatch(r"\d{17}X", number) or len(number) == 18 and citizen_number_error(number, today) is None:
        return Search(Kind.ID_NUMBER, ring.blind_index(number) + ring.blind_index(number[-6:]))
    if re.fullmatch(r"\d{5}[\dX]", number):
        return Search(Kind.ID_TAIL, ring.blind_index(number))
    if number.isdigit():
        return Search(Kind.NUMBER, number[:HOUSEHOLD_NO_LENGTH])     # a person's number begins with the household's
    if re.fullmatch(r"[A-Z]+", number):
        return Search(Kind.INITIALS, number.lower()[:INITIALS_LENGTH])
    return Search(Kind.NAME, " ".join(text.split()))


def from_parameters(parameters, today: datetime.date) -> Search | None:
    """The search in an address: a blind index under its own name, or text under q."""
    for name, kind in TOKENS.items():
        value = parameters.get(name, "")
        if _TOKEN.fullmatch(value):
            return Search(kind, value)
    return understand(parameters.get("q", ""), today)

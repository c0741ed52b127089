"""Sums per village and year: which village is of which kind, whose units help it, who therefore pays, and how much.

The kind comes from the register's village sheet: the row of the year, else the latest one before it, else the first one
after it. What the document does not say and nobody has entered stays open: no payer, no amount, never zero.
"""
import bisect
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from funds.models import VillageSupport
from funds.rules import PerVillage, funding
from funds.states import Source
from office.access import within
from office.mandate import policy_number
from office.models import Area, Level, PolicyNumber, Programme
from villages.models import VillageYear

POOR, ORDINARY = "相对贫困村", "面上村"


@dataclass
class VillageCase:
    """One village in a programme. `kinds`: year of a register row -> whether the village is a relatively poor one."""

    code: str
    name: str
    town: str
    support: VillageSupport | None = None
    kinds: dict[int, bool] = field(default_factory=dict)

    def kind_in(self, year: int) -> tuple[bool | None, int | None]:
        """Whether it is a relatively poor village in a year, and the year of the row that says so."""
        if not self.kinds:
            return None, None
        years = sorted(self.kinds)
        told = years[max(0, bisect.bisect_right(years, year) - 1)]
        return self.kinds[told], told

    @property
    def helper(self) -> str:
        return self.support.helper if self.support else ""

    @property
    def helper_label(self) -> str:
        return self.support.get_helper_display() if self.support else "帮扶级别未登记"


def kind_label(is_poor: bool | None) -> str:
    return "类型未登记" if is_poor is None else POOR if is_poor else ORDINARY


def villages_of(programme: Programme, area: Area) -> list[VillageCase]:
    """All villages of an area, in the order of their codes, with what the programme knows of them."""
    found = {code: VillageCase(code, name, town or "") for code, name, town in Area.objects.filter(
        within("code", [area.pk]), level=Level.VILLAGE).order_by("code").values_list("code", "name", "parent__name")}
    for one in VillageSupport.objects.filter(within("village_id", [area.pk]), programme=programme):
        if one.village_id in found:
            found[one.village_id].support = one
    rows = VillageYear.objects.filter(within("village_id", [area.pk]), year__lte=programme.end_year)
    for code, year, is_poor in rows.order_by().values_list("village_id", "year", "is_poor_village"):
        if code in found:
            found[code].kinds[year] = is_poor
    return list(found.values())


def payer_of(rule: PerVillage, case: VillageCase) -> str:
    """Who pays for a village: as the document says by its helper, else as entered, else blank."""
    return rule.helped_by.get(case.helper) or (case.support.payer if case.support else "")


class VillageAmounts:
    """What is due for a village in a year; the numbers of the document are looked up once each."""

    def __init__(self, programme: Programme):
        self.programme, self.rule = programme, funding(programme.key).villages
        self._numbers: dict[tuple[str, int], PolicyNumber | None] = {}

    def number(self, is_poor: bool | None, year: int) -> PolicyNumber | None:
        """The number that holds for a kind of village on the last day of a year; None when the document has none."""
        key = self.rule.number_poor if is_poor or self.rule.entered else self.rule.number_ordinary
        if key is None or is_poor is None and not self.rule.entered:
            return None
        if (key, year) not in self._numbers:
            self._numbers[key, year] = policy_number(self.programme, key, last_day(year))
        return self._numbers[key, year]

    def amount(self, case: VillageCase, year: int) -> Decimal | None:
        """Yuan; None: not printed and not entered, or the kind of the village is not known."""
        if self.rule.entered and case.support is not None and case.support.guidance_amount is not None:
            return case.support.guidance_amount
        number = self.number(case.kind_in(year)[0], year)
        return number.value if number else None

    def concerns(self, case: VillageCase) -> bool:
        """Whether the rule gives this village a sum at all: where amounts are entered, only villages helped as it says."""
        return not self.rule.entered or case.helper in self.rule.helped_by


def last_day(year: int) -> datetime.date:
    return datetime.date(year, 12, 31)


def summed(programme: Programme, cases: Iterable[VillageCase]) -> list[dict]:
    """Villages and yearly sums by payer, in the order of the sources; what is open comes last."""
    amounts, year = VillageAmounts(programme), programme.start_year
    groups: dict[str, dict] = defaultdict(lambda: {"villages": 0, "amount": Decimal(0), "unknown": 0})
    for case in cases:
        if not amounts.concerns(case):
            continue
        group, amount = groups[payer_of(amounts.rule, case)], amounts.amount(case, year)
        group["villages"] += 1
        group["amount"] += amount or 0
        group["unknown"] += amount is None
    order = {value: place for place, value in enumerate(Source.values)}
    return [{"payer": payer, "label": Source(payer).label if payer else "待定", **groups[payer]}
            for payer in sorted(groups, key=lambda payer: order.get(payer, 99))]

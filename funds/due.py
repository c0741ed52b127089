"""What is due in a programme, from the register and the programme's numbers; what came, what is missing, what is late.

A due is one sum that one payer owes an area, for the whole programme (`year` None) or for one year. Every due says
the clause and how it came about. What an amount cannot be told for (not printed, not yet entered) is None, never zero.
"""
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import F, Max, Q, Sum

from funds.models import Movement, Pledge, VillageSupport
from funds.rules import Funding, funding
from funds.shares import split
from funds.states import AccountKind, Kind, Source
from households.codes import ACTIVE
from households.models import MemberYear
from office.access import within
from office.fields import MoneyField
from office.mandate import policy_number
from office.models import Area, Level, PolicyNumber, Programme
from office.money import grouped
from villages.models import VillageYear

ZERO = Decimal(0)


@dataclass(frozen=True)
class Due:
    """`kind`: standard (share of the sum per person), minimum, extra, village, pledge. Amounts in yuan.

    `area` is the area that the sum is for; `persons` (or villages) what it was counted from; `received` what came from
    this payer for it; `due_on` the last day in time (None: the documents say none).
    """

    kind: str
    key: str
    label: str
    payer: str
    area_code: str
    area_name: str
    year: int | None
    amount: Decimal | None
    derivation: str
    clause: str
    persons: int = 0
    due_on: datetime.date | None = None
    received: Decimal = ZERO
    payer_name: str = ""

    @property
    def payer_label(self) -> str:
        return self.payer_name or (Source(self.payer).label if self.payer else "出资单位待定")

    @property
    def missing(self) -> Decimal | None:
        return None if self.amount is None else max(self.amount - self.received, ZERO)

    def late(self, on: datetime.date) -> Decimal | None:
        """What had not come although its day is over."""
        return self.missing if self.due_on and on > self.due_on else ZERO


def persons_counted(programme: Programme, year: int, area_code: str):
    """The people whom the standard counts: rows of the register, to be counted or opened."""
    rule = funding(programme.key).standard
    rows = MemberYear.objects.filter(within("household_year__village_id", [area_code]), year=year, status__in=ACTIVE)
    return rows.filter(household_year__labour_capacity=True) if rule and rule.counts == "labour" else rows


def weights(programme: Programme, on: datetime.date) -> dict[str, Decimal]:
    """Weight of each payer of the standard, in the document's order: source -> weight."""
    return {source: _number(programme, f"share_{party}", on).value
            for party, source in funding(programme.key).payers.items()}


def shares_of(programme: Programme, amount: Decimal, on: datetime.date | None = None) -> dict[str, Decimal]:
    """A sum divided among the payers of the programme; the parts make the sum."""
    return split(amount, weights(programme, on or _last_day(programme.end_year)))


def dues(programme: Programme, area: Area, *, base_year: int | None = None) -> list[Due]:
    """Everything due for an area. `base_year`: the year of the register that counts (the latest with rows when None)."""
    rules = funding(programme.key)
    found = [*_standard(programme, rules, area, base_year), *_yearly(programme, rules, area),
             *_villages(programme, rules, area), *_pledges(programme, area)]
    return _with_received(programme, area, found)


def _last_day(year: int) -> datetime.date:
    return datetime.date(year, 12, 31)


def _number(programme: Programme, key: str, on: datetime.date) -> PolicyNumber:
    found = policy_number(programme, key, on)
    if found is None:
        raise LookupError(f"{programme.key} has no number {key} on {on}")
    return found


def base_year_of(programme: Programme, area_code: str) -> int | None:
    """The latest year of the programme for which the area has a register."""
    rows = MemberYear.objects.filter(within("household_year__village_id", [area_code]), year__in=programme.years)
    return rows.aggregate(latest=Max("year"))["latest"]


def _standard(programme: Programme, rules: Funding, area: Area, base_year: int | None) -> Iterable[Due]:
    if rules.standard is None:
        return
    base_year = base_year or base_year_of(programme, area.pk)
    if base_year is None:
        return
    number = _number(programme, rules.standard.number, _last_day(base_year))
    persons = persons_counted(programme, base_year, area.pk).count()
    whole = number.value * persons
    parts = split(whole, weights(programme, _last_day(base_year)))
    whom = "有劳动能力的建档立卡人口" if rules.standard.counts == "labour" else "建档立卡人口"
    ratio = "∶".join(f"{weight.normalize():f}" for weight in weights(programme, _last_day(base_year)).values())
    for payer, part in parts.items():
        yield Due("standard", rules.standard.number, "财政扶贫投入标准", payer, area.pk, area.name, None, part,
                  f"{base_year}年{whom} {persons} 人 × {grouped(number.value)} 元 = {grouped(whole)} 元，按 {ratio} 分担",
                  number.clause or rules.standard.clause, persons, _last_day(programme.end_year))


def _yearly(programme: Programme, rules: Funding, area: Area) -> Iterable[Due]:
    """Sums of the programme's own area: they are not divided among the areas below it."""
    if area.pk != programme.area_id:
        return
    for rule in rules.yearly:
        number = _number(programme, rule.number, _last_day(programme.start_year))
        years = programme.years
        if rule.years_number:
            count = int(_number(programme, rule.years_number, _last_day(programme.start_year)).value)
            years = range(programme.start_year, programme.start_year + count)
        for year in years:
            yield Due(rule.kind, rule.key, rule.label, rule.payer, area.pk, area.name, year, number.value,
                      f"每年{'不少于' if rule.kind == 'minimum' else ''} {grouped(number.value)} 元", number.clause,
                      due_on=_last_day(year))


def _villages(programme: Programme, rules: Funding, area: Area) -> Iterable[Due]:
    rule = rules.villages
    if rule is None:
        return
    supports = {one.village_id: one for one in VillageSupport.objects.filter(within("village_id", [area.pk]),
                                                                              programme=programme)}
    rows = VillageYear.objects.filter(within("village_id", [area.pk]), year__in=programme.years).select_related("village")
    for row in rows.order_by("village_id", "year"):
        support = supports.get(row.village_id)
        if rule.entered and (support is None or support.helper not in rule.helped_by):
            continue
        key = rule.number_poor if row.is_poor_village else rule.number_ordinary
        if key is None:
            continue
        number = _number(programme, key, _last_day(row.year))
        amount = support.guidance_amount if rule.entered and support.guidance_amount else number.value
        payer = rule.helped_by.get(support.helper, "") if support else ""
        helped = support.get_helper_display() if support else "帮扶级别未登记"
        sum_text = "金额文件未印，尚未录入" if amount is None else f"每年不少于 {grouped(amount)} 元"
        yield Due("village", key, rule.label, payer, row.village_id, row.village.name, row.year, amount,
                  f"{'相对贫困村' if row.is_poor_village else '面上村'}，{helped}，{sum_text}", number.clause or rule.clause, 0,
                  _last_day(row.year))


def _pledges(programme: Programme, area: Area) -> Iterable[Due]:
    for pledge in Pledge.objects.in_area(area.pk).filter(programme=programme).select_related("area"):
        came = Movement.objects.filter(kind=Kind.APPROPRIATION, reversed_by__isnull=True, appropriation__pledge=pledge)
        yield Due("pledge", f"pledge:{pledge.pk}", "认筹资金", pledge.source, pledge.area_id, pledge.area.name,
                  pledge.pledged_on.year, pledge.amount, f"{pledge.pledged_on} 认筹，应于 {pledge.due_on} 前到账", "",
                  due_on=pledge.due_on, received=_total(came), payer_name=pledge.payer_name)


def _total(rows) -> Decimal:
    return rows.order_by().aggregate(total=Sum("amount", output_field=MoneyField()))["total"] or ZERO


def came_in(programme: Programme, area_code: str, until: datetime.date | None = None):
    """Movements that brought money of the programme into an area from outside it: from a source or an area above."""
    inside = within("from_account__area_id", [area_code])
    rows = Movement.objects.filter(
        within("to_account__area_id", [area_code]), Q(from_account__kind=AccountKind.SOURCE) | ~inside,
        kind__in=(Kind.APPROPRIATION, Kind.TRANSFER, Kind.COMMITMENT), reversed_by__isnull=True,
        to_account__programme=programme)
    return rows.filter(on__lte=until) if until else rows


def went_back(programme: Programme, area_code: str, until: datetime.date | None = None):
    """Movements that gave money back out of the area, to an area above or to the source."""
    inside = within("to_account__area_id", [area_code])
    rows = Movement.objects.filter(
        within("from_account__area_id", [area_code]), Q(to_account__kind=AccountKind.SOURCE) | ~inside, kind=Kind.REFUND,
        reversed_by__isnull=True, from_account__programme=programme)
    return rows.filter(on__lte=until) if until else rows


_FUNDING_LINE = ("appropriation__special_line", "appropriation__source", "appropriation__year")


def received_by(programme: Programme, area_code: str, until: datetime.date | None = None) -> dict[tuple, Decimal]:
    """What came into the area less what went back, by (funding line, source, year of the document)."""
    found: dict[tuple, Decimal] = defaultdict(Decimal)
    for sign, rows in ((1, came_in(programme, area_code, until)), (-1, went_back(programme, area_code, until))):
        for *key, total in rows.order_by().values_list(*_FUNDING_LINE).annotate(total=Sum("amount", output_field=MoneyField())):
            found[tuple(key)] += sign * total
    return dict(found)


def _received_of_villages(programme: Programme, area_code: str) -> dict[tuple, Decimal]:
    """What each village received by (village, source, year): for its projects, or into its own account."""
    rows = Movement.objects.filter(
        within("to_account__area_id", [area_code]), to_account__area__level=Level.VILLAGE, reversed_by__isnull=True,
        kind__in=(Kind.APPROPRIATION, Kind.TRANSFER, Kind.COMMITMENT), to_account__programme=programme)
    rows = rows.exclude(Q(from_account__area=F("to_account__area")) & ~Q(from_account__kind=AccountKind.SOURCE))
    groups = rows.order_by().values_list("to_account__area_id", "appropriation__source", "appropriation__year")
    return {tuple(key): total for *key, total in groups.annotate(total=Sum("amount", output_field=MoneyField()))}


def _with_received(programme: Programme, area: Area, found: list[Due]) -> list[Due]:
    """Each due with what came for it. Money without a funding line counts towards the standard and yearly minimums."""
    by_line: dict[tuple, Decimal] = defaultdict(Decimal)
    for (line, source, year), total in received_by(programme, area.pk).items():
        by_line[line, source, year] += total
        by_line[line, source, None] += total
    villages = _received_of_villages(programme, area.pk) if any(due.kind == "village" for due in found) else {}
    received = {
        "standard": lambda due: by_line["", due.payer, None],
        "minimum": lambda due: by_line["", due.payer, due.year],
        "extra": lambda due: by_line[due.key, due.payer, due.year],
        "village": lambda due: villages.get((due.area_code, due.payer, due.year), ZERO),
        "pledge": lambda due: due.received,
    }
    return [replace(due, received=received[due.kind](due)) for due in found]

"""What is due in a programme, from the register and the programme's numbers; what came, what is missing, what is late.

A due is one sum that one payer owes an area, for the whole programme (`year` None) or for one year. Every due says
the clause and how it came about. What an amount cannot be told for (not printed, not yet entered) is None, never zero.
"""
import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.cache import cache
from django.db.models import F, Q, Sum

from funds import pledges
from funds.models import Movement, Pledge
from funds.rules import Funding, funding
from funds.shares import split
from funds.states import AccountKind, Kind, Source
from funds.village_dues import VillageAmounts, kind_label, last_day, payer_of, villages_of
from households.codes import ACTIVE
from households.models import HouseholdYear, MemberYear
from office.access import within
from office.fields import MoneyField
from office.mandate import policy_number
from office.models import Area, Level, PolicyNumber, Programme
from office.money import grouped

ZERO = Decimal(0)
KEPT_SECONDS = 60      # a count of people; forgotten at once when the register changes, but for writes that overtake one another
TOGETHER = "together"      # stands for the payers that divide one part among themselves


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
    subject: str = ""             # of a village: its kind

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
    rows = MemberYear.objects.filter(within("household_year__village_id", [area_code]), household_year__year=year,
                                     year=year, status__in=ACTIVE)
    return rows.filter(household_year__labour_capacity=True) if rule and rule.counts == "labour" else rows


def count_of_persons(programme: Programme, year: int, area_code: str) -> int:
    """How many people the standard counts. Counting a city reads its whole register, so the answer is kept until any row
    of the register changes: every change writes history, and the newest row of it is part of the key."""
    newest = [table.history.order_by("-history_id").values_list("history_id", "history_date").first()
              for table in (MemberYear, HouseholdYear)]
    digest = hashlib.sha256(repr((programme.key, programme.digest, year, area_code, newest)).encode()).hexdigest()
    return cache.get_or_set(f"persons-due:{digest}",
                            lambda: persons_counted(programme, year, area_code).count(), KEPT_SECONDS)


def weights(programme: Programme, on: datetime.date) -> dict[str, Decimal]:
    """Weight of each payer of the standard, in the document's order: source -> weight."""
    return {source: _number(programme, f"share_{party}", on).value
            for party, source in funding(programme.key).payers.items()}


def shares_of(programme: Programme, amount: Decimal, on: datetime.date | None = None) -> dict[str, Decimal]:
    """A sum divided among the payers of the programme; the parts make the sum.

    Payers that pay together get their part first as one, and then divide it among themselves (6 : 4, then half and half).
    """
    each, together = weights(programme, on or last_day(programme.end_year)), funding(programme.key).together
    inner = {payer: weight for payer, weight in each.items() if payer in together}
    outer: dict[str, Decimal] = {}
    for payer, weight in each.items():
        outer[TOGETHER if payer in together else payer] = sum(inner.values()) if payer in together else weight
    parts = split(amount, outer)
    if inner:
        parts |= split(parts.pop(TOGETHER), inner)
    return {payer: parts[payer] for payer in each}


def ratio_words(programme: Programme, on: datetime.date) -> str:
    """The weights as the document writes them: 6∶3∶1, or 6∶4 with how the 4 are divided."""
    each, together = weights(programme, on), funding(programme.key).together
    inner = [weight for payer, weight in each.items() if payer in together]
    outer = [weight for payer, weight in each.items() if payer not in together] + ([sum(inner)] if inner else [])
    words = "∶".join(_plain(weight) for weight in outer)
    if inner:
        names = "、".join(Source(payer).label for payer in each if payer in together)
        words += f"（其中 {_plain(outer[-1])} 由{names}按 {'∶'.join(map(_plain, inner))} 再分）"
    return words


def _plain(weight: Decimal) -> str:
    return f"{Decimal(weight).normalize():f}"


def dues(programme: Programme, area: Area, *, base_year: int | None = None) -> list[Due]:
    """Everything due for an area. `base_year`: the year of the register that counts (the latest with rows when None)."""
    rules = funding(programme.key)
    found = [*_standard(programme, rules, area, base_year), *_yearly(programme, rules, area),
             *_villages(programme, rules, area), *_pledges(programme, area)]
    return _with_received(programme, area, found)


def _number(programme: Programme, key: str, on: datetime.date) -> PolicyNumber:
    found = policy_number(programme, key, on)
    if found is None:
        raise LookupError(f"{programme.key} has no number {key} on {on}")
    return found


def base_year_of(programme: Programme, area_code: str) -> int | None:
    """The latest year of the programme for which the area has a register."""
    rows = HouseholdYear.objects.filter(within("village_id", [area_code]))
    return next((year for year in reversed(programme.years) if rows.filter(year=year).exists()), None)


def _standard(programme: Programme, rules: Funding, area: Area, base_year: int | None) -> Iterable[Due]:
    if rules.standard is None:
        return
    base_year = base_year or base_year_of(programme, area.pk)
    if base_year is None:
        return
    number = _number(programme, rules.standard.number, last_day(base_year))
    persons = count_of_persons(programme, base_year, area.pk)
    whole = number.value * persons
    whom = "有劳动能力的建档立卡人口" if rules.standard.counts == "labour" else "建档立卡人口"
    words = ratio_words(programme, last_day(base_year))
    for payer, part in shares_of(programme, whole, last_day(base_year)).items():
        yield Due("standard", rules.standard.number, "财政扶贫投入标准", payer, area.pk, area.name, None, part,
                  f"{base_year}年{whom} {persons} 人 × {grouped(number.value)} 元 = {grouped(whole)} 元，按 {words} 分担",
                  number.clause or rules.standard.clause, persons, last_day(programme.end_year))


def _yearly(programme: Programme, rules: Funding, area: Area) -> Iterable[Due]:
    """Sums of the programme's own area: they are not divided among the areas below it."""
    if area.pk != programme.area_id:
        return
    for rule in rules.yearly:
        number = _number(programme, rule.number, last_day(programme.start_year))
        years, uses = programme.years, f"，用于{'、'.join(rule.uses)}" if rule.uses else ""
        if rule.years_number:
            count = int(_number(programme, rule.years_number, last_day(programme.start_year)).value)
            years = range(programme.start_year, programme.start_year + count)
        for year in years:
            yield Due(rule.kind, rule.key, rule.label, rule.payer, area.pk, area.name, year, number.value,
                      f"每年{'不少于' if rule.kind == 'minimum' else ''} {grouped(number.value)} 元{uses}", number.clause,
                      due_on=last_day(year))


def _villages(programme: Programme, rules: Funding, area: Area) -> Iterable[Due]:
    """Every village in every year; a village whose kind is not in the register has no sum (`funds.village_dues`)."""
    rule = rules.villages
    if rule is None:
        return
    amounts = VillageAmounts(programme)
    for case in villages_of(programme, area):
        if not amounts.concerns(case):
            continue
        payer = payer_of(rule, case)
        for year in programme.years:
            is_poor, told = case.kind_in(year)
            number = amounts.number(is_poor, year)
            if number is None:
                continue
            amount, kind = amounts.amount(case, year), kind_label(is_poor)
            as_of = f"（按{told}年登记）" if told not in (None, year) else ""
            sum_text = "金额文件未印，尚未录入" if amount is None else f"每年不少于 {grouped(amount)} 元"
            yield Due("village", number.key, rule.label, payer, case.code, case.name, year, amount,
                      f"{kind}{as_of}，{case.helper_label}，{sum_text}", number.clause or rule.clause, 0, last_day(year),
                      subject=kind)


def _pledges(programme: Programme, area: Area) -> Iterable[Due]:
    promised = Pledge.objects.in_area(area.pk).filter(programme=programme).select_related("area")
    for pledge in pledges.with_arrived(promised):
        yield Due("pledge", f"pledge:{pledge.pk}", "认筹资金", pledge.source, pledge.area_id, pledge.area.name,
                  pledge.pledged_on.year, pledge.amount, f"{pledge.pledged_on} 认筹，应于 {pledge.due_on} 前到账", "",
                  due_on=pledge.due_on, received=pledge.arrived, payer_name=pledge.payer_name)


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
    """What each village received less what went back, by (village, source, year): for its projects, its own account, its
    households. The same movements that the list of a village's received money shows."""
    found: dict[tuple, Decimal] = defaultdict(Decimal)
    for sign, here, there in ((1, "to_account", "from_account"), (-1, "from_account", "to_account")):
        of_programme = Movement.objects.filter(reversed_by__isnull=True, appropriation__programme=programme).exclude(
            kind=Kind.REVERSAL)
        own = of_programme.filter(within(f"{here}__area_id", [area_code]), **{f"{here}__area__level": Level.VILLAGE}).exclude(
            **{f"{here}__kind": AccountKind.SOURCE}).filter(
            Q(**{f"{there}__kind": AccountKind.SOURCE}) | ~Q(**{f"{there}__area": F(f"{here}__area")}))
        cards = of_programme.filter(within("area_id", [area_code]), **{
            "area__level": Level.VILLAGE, f"{here}__kind": AccountKind.CARDS}).exclude(
            **{f"{here}__area__level": Level.VILLAGE}).exclude(**{f"{there}__area": F("area")})
        for village, rows in ((f"{here}__area_id", own), ("area_id", cards)):
            groups = rows.order_by().values_list(village, "appropriation__source", "appropriation__year")
            for *key, total in groups.annotate(total=Sum("amount", output_field=MoneyField())):
                found[tuple(key)] += sign * total
    return found


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

"""Queries behind the lists: a selection of household-years with their verdicts, paged by key in a constant number of queries.

A selection is read from one of two tables. The register answers what needs no verdict; as soon as a verdict is asked for
(status, criteria, income, order by income) the results of the run answer, which carry the same facts as they were judged.
"""
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Max, Q, QuerySet, Value

from assessment.criteria import household_line
from assessment.explanation import line_for
from assessment.models import AreaSummary, Result, Run, State
from assessment.rows import CRITERION_LABELS, Row, per_head
from assessment.search import Search
from households.codes import ACTIVE
from households.facts import NET_INCOME
from households.models import HouseholdYear
from office.access import within
from office.mandate import FEN_SCALE, LineInForce
from office.money import from_fen, round_half_up
from villages.models import VillageYear

PAGE_SIZE = 50
COUNT_CAP = 1000           # beyond this a filtered list says “以上” instead of counting on
SORTS = {"no": "户编号", "name": "姓名拼音", "income": "人均收入", "gap": "与标准的差额"}
JUDGED_SORTS = ("income", "gap")
STATUSES = {"met": "达标", "not_met": "未达标"}
ANY = "any"
PLACES = {"poor_village": "相对贫困村内", "scattered": "分散（非贫困村）"}
_KEY = BigIntegerField()


@dataclass(frozen=True)
class Page:
    """Rows with the household numbers that lead on: `next` follows the last row, `previous` precedes the first."""

    rows: list[Row]
    previous: str
    next: str


@dataclass(frozen=True)
class Total:
    """How many households a selection holds: exact, or at least so many. `run` is set when a run counted them."""

    households: int
    exact: bool = True
    run: int | None = None


@dataclass(frozen=True)
class Selection:
    """Household-years of one year inside `scope` that fulfil the filters, in an order. Blank filters ask for nothing."""

    scope: tuple[str, ...]
    year: int
    area: str = ""
    run: Run | None = None
    search: Search | None = None
    status: str = ""
    unmet: str = ""             # a criterion
    unknown: str = ""           # a criterion or ANY; the same one as `unmet`: either of the two states
    labour: str = ""            # able | unable
    category: str = ""
    cause: str = ""
    residence: str = ""
    place: str = ""             # poor_village | scattered
    income_from: Decimal | None = None      # yuan per head and year, inclusive
    income_to: Decimal | None = None        # exclusive
    pinned: bool = False        # the run was named in the address: its results answer, whatever the register says now
    sort: str = "no"            # a key of SORTS; "-" in front turns the order round

    @property
    def needs_verdict(self) -> bool:
        """Whether a run must have judged the households for this selection to mean anything."""
        return bool(self.status or self.unmet or self.unknown or self.income_from is not None
                    or self.income_to is not None)

    @property
    def judged(self) -> bool:
        """Whether the results of the run answer, not the register."""
        return self.run is not None and (self.pinned or self.needs_verdict or self.sort.lstrip("-") in JUDGED_SORTS)

    @property
    def filtered(self) -> bool:
        return self.needs_verdict or any((self.search, self.labour, self.category, self.cause, self.residence, self.place))

    @cached_property
    def lines(self) -> list[LineInForce]:
        """The household lines that the run used."""
        lines = [LineInForce.from_json(number) for number in self.run.numbers] if self.run else []
        return [line for line in lines if line.subject == "household"]

    def rows(self) -> QuerySet:
        """The selection on the table that answers it, not yet in order."""
        if self.needs_verdict and self.run is None:
            return HouseholdYear.objects.none()
        base = Result.objects.filter(run=self.run) if self.judged else HouseholdYear.objects.filter(year=self.year)
        codes = [self.area] if self.area else self.scope
        # A household's number begins with its village's code (workbook contract), so the same range holds for both;
        # naming both lets each order use its own index. The scope stands beside the area: both must hold.
        rows = base.filter(within("village_id", self.scope), within("village_id", codes), within("household_id", codes))
        return rows.filter(self._register_filters(), self._verdict_filters())

    def _register_filters(self) -> Q:
        condition = Q()
        for name in ("category", "residence"):
            if value := getattr(self, name):
                condition &= Q(**{name: value})
        if self.cause:
            condition &= Q(main_cause=self.cause)
        if self.labour:
            condition &= Q(labour_capacity=self.labour == "able")
        if self.place:
            condition &= self._place_filter()
        if self.search:
            condition &= self._search_filter()
        return condition

    def _place_filter(self) -> Q:
        inside = self.place == "poor_village"
        if self.judged:
            return Q(in_poor_village=inside)
        poor = Q(village_id__in=VillageYear.objects.filter(year=self.year, is_poor_village=True).values("village_id"))
        return poor if inside else ~poor

    def _search_filter(self) -> Q:
        if not self.judged:
            return self.search.condition(self.year)
        found = HouseholdYear.objects.filter(self.search.condition(self.year), year=self.year)
        return Q(household_year_id__in=found.values("pk"))

    def _verdict_filters(self) -> Q:
        condition = Q()
        if self.status:
            condition &= Q(met=self.status == "met")
        if self.unmet and self.unmet == self.unknown:
            condition &= Q(met=False, **{f"{self.unmet}__in": (State.NOT_MET, State.UNKNOWN)})
        elif self.unmet:
            condition &= Q(**{self.unmet: State.NOT_MET})
        if self.unknown == ANY:
            condition &= Q(met=False) & reduce(or_, (Q(**{key: State.UNKNOWN}) for key in CRITERION_LABELS))
        elif self.unknown and self.unknown != self.unmet:
            condition &= Q(**{self.unknown: State.UNKNOWN})
        if self.income_from is not None:
            condition &= Q(net_income__gte=F("members") * int(self.income_from * 100))
        if self.income_to is not None:
            condition &= Q(net_income__lt=F("members") * int(self.income_to * 100))
        return condition

    # Order and paging

    def _keys(self) -> tuple[str, ...]:
        register = "household_year__" if self.judged else ""
        sort = self.sort.lstrip("-")
        if sort in JUDGED_SORTS and self.judged:
            return (f"{sort}_key", "household_id")
        if sort == "name":
            return (f"{register}head_initials", f"{register}head_name", "household_id")
        return ("household_id",)

    def _keyed(self) -> QuerySet:
        """With the whole-number keys that order by income need: hundredths of a fen per head, rounded towards zero."""
        rows = self.rows()
        if self._keys()[0] in ("income_key", "gap_key"):
            rows = rows.exclude(members=0)
            net = F("net_income") * Value(100, output_field=_KEY)
            if self._keys()[0] == "gap_key":
                net -= household_line(self.lines) * F("members") / Value(FEN_SCALE // 100, output_field=_KEY)
            rows = rows.annotate(**{self._keys()[0]: ExpressionWrapper(net / F("members"), output_field=_KEY)})
        return rows

    def _beyond(self, values: tuple, backwards: bool) -> Q:
        """Rows that follow (precede) the one with these key values."""
        verb = "lt" if backwards != self.sort.startswith("-") else "gt"
        keys = self._keys()
        condition = Q(**{f"{keys[-1]}__{verb}": values[-1]})
        for key, value in zip(keys[-2::-1], values[-2::-1], strict=True):
            # The outer bound lets the index skip to the place; the rest settles equal keys.
            condition = Q(**{f"{key}__{verb}e": value}) & (Q(**{f"{key}__{verb}": value}) | condition)
        return condition

    def _ordered(self, rows: QuerySet, backwards: bool = False) -> QuerySet:
        sign = "-" if backwards != self.sort.startswith("-") else ""
        return rows.order_by(*(sign + key for key in self._keys()))

    def _place_of(self, no: str) -> tuple | None:
        return self._keyed().filter(household_id=no).values_list(*self._keys()).first()

    def _years_and_numbers(self, rows: QuerySet, limit: int) -> list[tuple[int, str]]:
        year = "household_year_id" if self.judged else "pk"
        return list(rows.values_list(year, "household_id")[:limit])

    def page(self, after: str = "", before: str = "", size: int = PAGE_SIZE) -> Page:
        """The rows after (before) a household; an unknown household starts at the beginning."""
        cursor = before or after
        values = self._place_of(cursor) if cursor else None
        backwards = bool(before and values)
        rows = self._keyed()
        if values:
            rows = rows.filter(self._beyond(values, backwards))
        found = self._years_and_numbers(self._ordered(rows, backwards), size + 1)
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        shown = self._load([pk for pk, _ in found])
        first, last = (found[0][1], found[-1][1]) if found else ("", "")
        has_previous = more if backwards else bool(values)
        has_next = bool(values) if backwards else more
        return Page(shown, first if has_previous else "", last if has_next else "")

    def neighbours(self, no: str) -> tuple[str, str]:
        """The household before and after this one in the list, blank at an end or when it is not in the list."""
        values = self._place_of(no)
        if values is None:
            return "", ""
        found = [self._years_and_numbers(self._ordered(self._keyed().filter(self._beyond(values, back)), back), 1)
                 for back in (True, False)]
        return tuple(one[0][1] if one else "" for one in found)

    def every_row(self, batch: int = 1000) -> Iterator[Row]:
        """All rows in order, a batch at a time in memory."""
        after = ""
        while True:
            page = self.page(after=after, size=batch)
            yield from page.rows
            if not page.next:
                return
            after = page.next

    def _load(self, pks: list[int]) -> list[Row]:
        """The rows of these household-years in this order: the register in one query, the run's results in another."""
        years = HouseholdYear.objects.filter(pk__in=pks).select_related("village__parent").only(
            "household_id", "year", "head_name", "residence", "category", "labour_capacity", "main_cause",
            "village__name", "village__parent__name").annotate(
            net_income=NET_INCOME, active_members=Count("members", filter=Q(members__status__in=ACTIVE)))
        by_pk = {year.pk: year for year in years}
        results = {}
        if self.run:
            results = {result.household_id: result for result in Result.objects.filter(
                run=self.run, household_id__in=[year.household_id for year in by_pk.values()])}
        return [self._row(by_pk[pk], results.get(by_pk[pk].household_id)) for pk in pks if pk in by_pk]

    def _row(self, year: HouseholdYear, result: Result | None) -> Row:
        facts = result or year
        members = result.members if result else year.active_members
        income = per_head(facts.net_income, members)
        line = line_for(self.lines, "household", facts.residence)
        problems = () if result is None else tuple(
            (key, "unknown" if getattr(result, key) == State.UNKNOWN else "not_met")
            for key in CRITERION_LABELS if getattr(result, key) in (State.NOT_MET, State.UNKNOWN))
        gap = None
        if income is not None and line is not None and facts.labour_capacity:   # the others are not held against the line
            gap = round_half_up(from_fen(facts.net_income) / members - line.value)
        return Row(no=year.household_id, year=year.year, head_name=year.head_name, village=year.village.name,
                   township=year.village.parent.name, members=members, residence=facts.residence,
                   category=facts.category, labour_capacity=facts.labour_capacity, main_cause=facts.main_cause,
                   income=income, gap=gap, met=result.met if result else None, problems=problems)

    # How many

    def total(self) -> Total:
        """Counted by the run's summaries where they answer the question, otherwise counted up to COUNT_CAP."""
        if (counted := self._from_summary()) is not None and self.filtered:
            return Total(counted, run=self.run.pk)
        found = self.rows().order_by()[:COUNT_CAP + 1].count()
        if found <= COUNT_CAP:
            return Total(found)
        if counted is not None and counted > COUNT_CAP:
            return Total(counted, run=self.run.pk)
        return Total(COUNT_CAP, exact=False)

    def _from_summary(self) -> int | None:
        """Households by the area summaries, when area and status (or one criterion) are all that is asked for."""
        plain = replace(self, status="", unmet="", unknown="")
        if self.run is None or plain.filtered or sum(map(bool, (self.status, self.unmet, self.unknown))) > 1:
            return None
        column = "households"
        if self.unmet or self.unknown:
            column = f"{self.unmet}_not_met" if self.unmet else f"{self.unknown}_unknown"
            if column not in {field.name for field in AreaSummary._meta.fields}:
                return None
        codes = [self.area] if self.area else self.scope
        if len(codes) != 1:     # several postings may overlap
            return None
        found = AreaSummary.objects.filter(run=self.run, area_id=codes[0]).values_list(
            "households_met" if self.status else column, "households").first()
        return None if found is None else found[1] - found[0] if self.status == "not_met" else found[0]


def newest_year(officer, area: str = "") -> int | None:
    """The newest year of which the register holds anything in the officer's area."""
    rows = HouseholdYear.objects.visible_to(officer)
    return (rows.in_area(area) if area else rows).aggregate(newest=Max("year"))["newest"]

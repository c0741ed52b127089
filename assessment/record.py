"""Queries behind the household page: the years, the people, the verdicts side by side, the changes; each a fixed number."""
from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, QuerySet

from assessment.explanation import CriterionView, Explanation, explain, gap_per_head, line_for
from assessment.models import Result, Run, State
from assessment.rows import CRITERION_LABELS, per_head
from households.codes import ACTIVE
from households.facts import NET_INCOME
from households.models import Household, HouseholdYear, MemberYear
from office.mandate import LineInForce
from office.models.statistic import Basis
from office.money import from_fen, grouped

# Kinds of income as the page lists them: column, label, whether it is a part of the heading above it, its sign.
INCOME_KINDS = (
    ("wage_income", False, 1), ("operating_income", False, 1), ("operating_expense", False, -1),
    ("property_income", False, 1), ("dividend_income", True, 1), ("other_property_income", True, 1),
    ("transfer_income", False, 1), ("family_planning_income", True, 1), ("dibao_income", True, 1),
    ("tekun_income", True, 1), ("pension_income", True, 1), ("ecological_income", True, 1),
    ("other_transfer_income", True, 1), ("transfer_expense", False, -1))
# 是/否 answers followed over the years, and the answer that is the good one.
WATCHED = (("on_dibao", None), ("food_secure", True), ("clothing_secure", True), ("education_secure", True),
           ("medical_secure", True), ("housing_secure", True), ("water_secure", True), ("dangerous_house", False))
STATE_KEYS = {State.NOT_MET: "not_met", State.MET: "met", State.UNKNOWN: "unknown",
              State.NOT_APPLICABLE: "not_applicable"}


@dataclass(frozen=True)
class Verdict:
    """What one run found for the household, with its explanation."""

    result: Result
    explanation: Explanation
    line: LineInForce | None

    @property
    def run(self) -> Run:
        return self.result.run

    @property
    def state(self) -> str:
        return "met" if self.result.met else "not_met"

    @property
    def sentence(self) -> str:
        """What stands against the status: 未达标：收入、住房安全；待核：基本医疗."""
        if self.result.met:
            return "各项条件均已达标"
        parts = []
        for word, state in (("未达标", State.NOT_MET), ("待核", State.UNKNOWN)):
            names = [label for key, label in CRITERION_LABELS.items() if getattr(self.result, key) == state]
            if names:
                parts.append(f"{word}：{'、'.join(names)}")
        return "；".join(parts)

    @property
    def gap_sentence(self) -> str:
        """How far the income per head is from the line, in words; blank where the line is not asked for."""
        if self.line is None or self.result.income == State.NOT_APPLICABLE:
            return ""
        gap = gap_per_head(self.result, self.line)
        if gap is None:
            return "没有在册人口，无法计算人均收入"
        if gap == 0:
            return "人均收入与标准相差不足一分" if self.result.income == State.NOT_MET else "人均收入正好达到标准"
        return f"人均高出标准 {grouped(gap)} 元" if gap > 0 else f"人均低于标准 {grouped(-gap)} 元"


@dataclass(frozen=True)
class CriterionCard:
    """One criterion with what every verdict says of it."""

    key: str
    label: str
    entries: tuple[tuple[Verdict, CriterionView], ...]

    @property
    def agreed(self) -> bool:
        """Whether all verdicts say the same, so that one line is enough."""
        first = self.entries[0][1]
        return all((view.state, view.figure, view.line) == (first.state, first.figure, first.line)
                   for _, view in self.entries)

    @property
    def shown(self) -> tuple[tuple[Verdict, CriterionView], ...]:
        return self.entries[:1] if self.agreed else self.entries

    @property
    def worst(self) -> str:
        """State that colours the card: not met before unknown before met."""
        states = [view.state for _, view in self.entries]
        return next(STATE_KEYS[s] for s in (State.NOT_MET, State.UNKNOWN, State.MET, State.NOT_APPLICABLE) if s in states)


def years_of(household: Household) -> list[HouseholdYear]:
    """All years of the register, oldest first, with net income (fen) and active members."""
    return list(HouseholdYear.objects.filter(household=household).order_by("year").annotate(
        net_income=NET_INCOME, active_members=Count("members", filter=Q(members__status__in=ACTIVE))))


def members_of(year: HouseholdYear) -> list[MemberYear]:
    """The people of a year: the active ones first, the head leading, then those no longer counted."""
    # Age on 31 December, as the criteria take it: only the year of birth is kept in the clear.
    people = MemberYear.objects.filter(household_year=year).annotate(age=F("year") - F("birth_year"))
    return sorted(people, key=lambda person: (not person.is_active, person.relationship != "head", person.member_id))


def verdicts_on(year: HouseholdYear, pinned: Run | None) -> list[Verdict]:
    """The latest finished run of each programme and basis that judged the household, actual first; or the pinned run."""
    results = Result.objects.filter(household_id=year.household_id, run__year=year.year, run__state=Run.State.DONE)
    return [_verdict(result) for result in latest_of(results, pinned)]


def latest_of(results: QuerySet, pinned: Run | None) -> list:
    """Of results on one subject in one year: the newest of each programme and basis, actual first; or the pinned run's."""
    if pinned:
        results = results.filter(run=pinned)
    else:
        latest = results.order_by().values("run__programme_id", "run__basis").annotate(newest=Max("run_id"))
        results = results.filter(run_id__in=[row["newest"] for row in latest])
    found = results.select_related("run__programme", "run__area")
    return sorted(found, key=lambda r: (r.run.basis != Basis.ACTUAL, r.run.programme.issued_on, r.run.programme_id))


def _verdict(result: Result) -> Verdict:
    lines = [LineInForce.from_json(number) for number in result.run.numbers]
    return Verdict(result, explain(result), line_for(lines, "household", result.residence))


def criterion_cards(verdicts: list[Verdict]) -> list[CriterionCard]:
    """The criteria in the programme's order, each with what the verdicts say."""
    by_key: dict[str, list[tuple[Verdict, CriterionView]]] = {}
    for verdict in verdicts:
        for view in verdict.explanation.criteria:
            by_key.setdefault(view.key, []).append((verdict, view))
    return [CriterionCard(key, CRITERION_LABELS[key], tuple(entries)) for key, entries in by_key.items()]


def income_table(years: list[HouseholdYear]) -> list[dict]:
    """Income by kind (rows) over the years (columns), parts under their heading; kinds that never occur are left out."""
    rows = []
    for column, part, sign in INCOME_KINDS:
        amounts = [getattr(year, column) for year in years]
        if any(amounts) or not part and sign > 0:
            label = HouseholdYear._meta.get_field(column).verbose_name
            rows.append({"label": f"减：{label}" if sign < 0 else label, "part": part, "amounts": amounts})
    rows.append({"label": "全年净收入", "sum": True, "amounts": [from_fen(year.net_income) for year in years]})
    rows.append({"label": "在册人口（人）", "count": True, "amounts": [year.active_members for year in years]})
    rows.append({"label": "人均可支配收入", "sum": True,
                 "amounts": [per_head(year.net_income, year.active_members) for year in years]})
    return rows


def income_columns(years: list[HouseholdYear]) -> list[dict]:
    """Income per head by year for the chart; years without anybody are left out."""
    heads = [(year.year, per_head(year.net_income, year.active_members)) for year in years]
    return [{"label": f"{year}年", "value": value, "display": grouped(value)} for year, value in heads if value is not None]


def guarantee_table(years: list[HouseholdYear]) -> list[dict]:
    """是/否 answers over the years; a blank is shown as unknown, never as no."""
    rows = []
    for column, good in WATCHED:
        answers = [getattr(year, column) for year in years]
        if column == "dangerous_house" and all(answer is None for answer in answers):
            continue
        rows.append({"label": HouseholdYear._meta.get_field(column).verbose_name, "answers": [
            {"text": "待核" if answer is None else "是" if answer else "否",
             "tone": "wait" if answer is None else "none" if good is None else "good" if answer == good else "bad"}
            for answer in answers]})
    return rows

"""What differs between two runs: who changed status, and why."""
from dataclasses import dataclass

from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from assessment.explanation import line_for
from assessment.models import Result, Run, State
from assessment.summaries import CRITERIA
from households.models import Household
from office.access import within
from office.mandate import LineInForce
from office.money import from_fen, grouped

LABELS = {"income": "收入", "dibao": "低保兜底", "food": "不愁吃", "clothing": "不愁穿", "education": "义务教育",
          "medical": "基本医疗", "housing": "住房安全"}


@dataclass(frozen=True)
class Difference:
    """Counts of households of the officer's area by what happened between two runs."""

    now_met: int
    no_longer_met: int
    only_before: int
    only_after: int
    unchanged: int


def paired(before: Run, after: Run, officer) -> QuerySet[Household]:
    """Households of the officer's area that either run judged, with the primary keys and states of both results."""
    joined = Household.objects.filter(within("village_id", officer.scope)).annotate(
        a=FilteredRelation("results", condition=Q(results__run=before)),
        b=FilteredRelation("results", condition=Q(results__run=after)))
    return joined.annotate(before_met=F("a__met"), after_met=F("b__met"), before_id=F("a__id"), after_id=F("b__id"))


KINDS = {
    "now_met": Q(before_met=False, after_met=True),
    "no_longer_met": Q(before_met=True, after_met=False),
    "only_before": Q(before_id__isnull=False, after_id__isnull=True),
    "only_after": Q(before_id__isnull=True, after_id__isnull=False),
    "unchanged": Q(before_met=F("after_met")),
}


def count(before: Run, after: Run, officer) -> Difference:
    """All five counts in one pass over the two runs' results."""
    return Difference(**paired(before, after, officer).aggregate(
        **{kind: Count("no", filter=condition) for kind, condition in KINDS.items()}))


def changed(before: Run, after: Run, officer, kind: str, after_no: str = "", size: int = 50) -> list[Household]:
    """One page of households of a kind, in the order of their numbers, beginning after `after_no`."""
    rows = paired(before, after, officer).filter(KINDS[kind], no__gt=after_no).order_by("no")
    return list(rows.select_related("village")[:size])


def reasons(before: Result | None, after: Result | None) -> list[str]:
    """Why the status differs: the facts and lines behind each criterion whose state changed, in Chinese."""
    if before is None or after is None:
        return ["本次没有这一户" if after is None else "上次没有这一户"]
    found = []
    for key in CRITERIA:
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            found.append(f"{LABELS[key]}：{State(old).label} → {State(new).label}{_why(key, before, after)}")
    return found


def _why(key: str, before: Result, after: Result) -> str:
    if key != "income":
        return ""
    parts = []
    old_line, new_line = _line(before), _line(after)
    if old_line.value != new_line.value:
        parts.append(f"线由 {grouped(old_line.shown)} 元变为 {grouped(new_line.shown)} 元")
    if before.net_income != after.net_income:
        parts.append(f"净收入由 {grouped(from_fen(before.net_income))} 元变为 {grouped(from_fen(after.net_income))} 元")
    if before.members != after.members:
        parts.append(f"人口由 {before.members} 人变为 {after.members} 人")
    if before.labour_capacity != after.labour_capacity:
        parts.append("劳动能力登记有变化")
    return f"（{'，'.join(parts)}）" if parts else ""


def _line(result: Result) -> LineInForce:
    lines = [LineInForce.from_json(n) for n in result.run.numbers]
    return line_for(lines, "household", result.residence)

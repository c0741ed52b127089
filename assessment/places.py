"""Queries behind the village page and the tree of areas: counts come from a run's summaries, never from its households."""
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Substr

from assessment.explanation import Explanation, explain_village, line_for
from assessment.models import AreaSummary, Result, Run, VillageResult
from assessment.record import latest_of
from assessment.rows import CRITERION_LABELS
from households.codes import Cause
from households.models import HouseholdYear
from office.mandate import LineInForce
from office.models import Area
from office.models.area import PREFIX_LENGTH
from office.money import from_fen
from villages.models import VillageYear

FACTS = ("registered_households", "registered_population", "pc_disposable_income", "collective_income",
         "safe_water_rate", "tap_water_rate", "hardened_natural_villages", "natural_villages_to_harden",
         "has_standard_clinic", "has_bus", "has_broadband", "has_broadcast", "has_service_platform")
MONEY_FACTS = ("pc_disposable_income", "collective_income")
RATES = ("safe_water_rate", "tap_water_rate")
NEXT_LEVEL = {"province": "city", "city": "county", "county": "township", "township": "village"}


@dataclass(frozen=True)
class VillageVerdict:
    """What one run found for a relatively poor village."""

    result: VillageResult
    explanation: Explanation

    @property
    def run(self) -> Run:
        return self.result.run

    @property
    def line(self) -> LineInForce | None:
        return line_for([LineInForce.from_json(number) for number in self.run.numbers], "village")

    @property
    def income(self):
        return None if self.result.pc_disposable_income is None else from_fen(self.result.pc_disposable_income)


def village_verdicts(village: Area, year: int, pinned: Run | None) -> list[VillageVerdict]:
    """The latest finished run of each programme and basis that judged the village, actual first."""
    results = VillageResult.objects.filter(village=village, run__year=year, run__state=Run.State.DONE)
    return [VillageVerdict(result, explain_village(result)) for result in latest_of(results, pinned)]


def village_facts(years: list[VillageYear]) -> list[dict]:
    """Facts (rows) over the years (columns) with what each value is: money, a rate, a yes/no, a count."""
    rows = []
    for name in FACTS:
        kind = "money" if name in MONEY_FACTS else "rate" if name in RATES else "yesno" if name.startswith("has_") else "count"
        rows.append({"label": VillageYear._meta.get_field(name).verbose_name, "kind": kind,
                     "values": [getattr(year, name) for year in years]})
    return rows


def causes_in(village: Area, year: int, run: Run | None) -> list[dict]:
    """Households of the village by main cause, most frequent first: as the run judged them, else as registered."""
    rows = Result.objects.filter(run=run) if run else HouseholdYear.objects.filter(year=year)
    counted = rows.filter(village=village).order_by().values("main_cause").annotate(households=Count("pk"))
    labels = dict(Cause.choices)
    return sorted(({"key": row["main_cause"], "label": labels[row["main_cause"]], "value": row["households"]}
                   for row in counted), key=lambda row: (-row["value"], row["label"]))


def open_points(summary: AreaSummary) -> list[dict]:
    """Per criterion how many households do not meet it and how many are not known."""
    return [{"key": key, "label": label, "not_met": getattr(summary, f"{key}_not_met"),
             "unknown": getattr(summary, f"{key}_unknown", 0)} for key, label in CRITERION_LABELS.items()]


@dataclass(frozen=True)
class Branch:
    """One area in the tree: how deep it stands, whether it is open, and its counts (None: no run has counted it)."""

    area: Area
    depth: int
    is_open: bool
    summary: AreaSummary | None
    registered: int | None = None

    @property
    def is_village(self) -> bool:
        return self.area.level == "village"

    @property
    def households(self) -> int | None:
        return self.summary.households if self.summary else self.registered


def branches(roots: Iterable[Area], opened: Area | None, run: Run | None, year: int) -> list[Branch]:
    """The roots and, along the way to the opened area, the areas directly below each; three queries at most."""
    way = {opened.code[:n].ljust(12, "0") for n in PREFIX_LENGTH.values() if n <= len(opened.prefix)} if opened else set()
    roots = list(roots)
    below: dict[str, list[Area]] = {}
    for area in Area.objects.filter(parent_id__in=way).order_by("code"):
        below.setdefault(area.parent_id, []).append(area)
    ordered: list[tuple[Area, int]] = []

    def walk(areas: Iterable[Area], depth: int) -> None:
        for area in areas:
            ordered.append((area, depth))
            if area.code in way:
                walk(below.get(area.code, ()), depth + 1)

    walk(roots, 0)
    return _counted(ordered, way, run, year)


def found_by_name(officer, name: str) -> list[Area]:
    """Areas of the officer's scope whose name contains the text; the first fifty by code."""
    return list(Area.objects.visible_to(officer).filter(name__contains=name).order_by("code")[:50])


def counted_alone(areas: list[Area], run: Run | None, year: int) -> list[Branch]:
    """Areas side by side, with their counts."""
    return _counted([(area, 0) for area in areas], set(), run, year)


def _counted(ordered: list[tuple[Area, int]], way: set[str], run: Run | None, year: int) -> list[Branch]:
    codes = [area.code for area, _ in ordered]
    summaries, registered = {}, {}
    if run:
        summaries = {s.area_id: s for s in AreaSummary.objects.filter(run=run, area_id__in=codes)}
    else:
        registered = _registered(ordered, year)
    return [Branch(area, depth, area.code in way, summaries.get(area.code),
                   0 if run and area.code not in summaries else registered.get(area.code)) for area, depth in ordered]


def _registered(ordered: list[tuple[Area, int]], year: int) -> dict[str, int]:
    """Households in the register per area, for years that no run has counted: one grouping at the finest level shown."""
    if not ordered:
        return {}
    finest = max(len(area.prefix) for area, _ in ordered)
    top = min((area for area, _ in ordered), key=lambda area: len(area.prefix))
    rows = HouseholdYear.objects.filter(year=year)
    rows = rows.in_area(top.code) if all(a.code.startswith(top.prefix) for a, _ in ordered) else rows
    parts = rows.order_by().annotate(part=Substr("village_id", 1, finest)).values_list("part").annotate(n=Count("pk"))
    parts = list(parts)
    return {area.code: sum(n for part, n in parts if part.startswith(area.prefix)) for area, _ in ordered}

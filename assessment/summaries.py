"""Summaries of a run: counted once from its results, village by village, and added up level by level."""
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Substr

from assessment.models import AreaSummary, Result, Run, State, SummaryLine, VillageResult
from office.mandate import LineInForce
from office.models import Level
from office.models.area import PREFIX_LENGTH
from office.money import plain
from office.sql import insert_select

CRITERIA = ("income", "dibao", "food", "clothing", "education", "medical", "housing")
FEN_PER_BAND = 1000 * 100      # bands of a thousand yuan per head
LAST_BAND = 30
LEVELS_UP = (Level.TOWNSHIP, Level.COUNTY, Level.CITY, Level.PROVINCE)

_COUNTED = [f.name for f in AreaSummary._meta.get_fields() if f.name not in ("id", "run", "area", "level")]
_VILLAGE_COUNTS = ("villages", "villages_met", "villages_unknown")


def _households(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _persons(condition: Q) -> Coalesce:
    return Coalesce(Sum("members", filter=condition), 0, output_field=IntegerField())


def _household_counts() -> dict:
    met, poor, able = Q(met=True), Q(in_poor_village=True), Q(labour_capacity=True)
    counts = {
        "households": Count("pk"), "households_met": _households(met),
        "persons": Coalesce(Sum("members"), 0), "persons_met": _persons(met),
        "able_households": _households(able), "able_persons": _persons(able),
        "able_income": Coalesce(Sum("net_income", filter=able), 0),
        "poor_village_households": _households(poor), "poor_village_households_met": _households(poor & met),
        "poor_village_persons": _persons(poor), "poor_village_persons_met": _persons(poor & met),
        "education_not_applicable": _households(Q(education=State.NOT_APPLICABLE)),
    }
    for key in CRITERIA:
        counts[f"{key}_not_met"] = _households(Q(**{key: State.NOT_MET}))
        if key != "income":     # income is never unknown: a blank amount is zero
            counts[f"{key}_unknown"] = _households(Q(**{key: State.UNKNOWN}))
    return counts


def build_summaries(run: Run) -> None:
    """Count the run's results into AreaSummary and SummaryLine, from villages up to the run's own area."""
    constant = {"n_run": Value(run.pk, output_field=IntegerField()),
                "n_level": Value(Level.VILLAGE.value, output_field=CharField())}
    counts = {f"n_{name}": value for name, value in _household_counts().items()}
    insert_select(
        AreaSummary, {"run": "n_run", "area": "village_id", "level": "n_level",
                      **{name: f"n_{name}" for name in _COUNTED if f"n_{name}" in counts},
                      **{name: "n_zero" for name in _VILLAGE_COUNTS}},
        Result.objects.filter(run=run).order_by().values("village_id")
        .annotate(**constant, n_zero=Value(0), **counts))
    _count_villages(run, constant)
    _count_lines(run)
    for lower, level in zip((Level.VILLAGE, *LEVELS_UP), LEVELS_UP, strict=False):
        if PREFIX_LENGTH[level] < len(run.area.prefix):
            break
        _add_up(run, lower, level)


def _count_villages(run: Run, constant: dict) -> None:
    """Poor villages with their state; one without a poor household in the register gets a row of its own."""
    results = VillageResult.objects.filter(run=run)
    counted = AreaSummary.objects.filter(run=run, area_id=OuterRef("village_id"))
    insert_select(
        AreaSummary, {"run": "n_run", "area": "village_id", "level": "n_level", **{name: "n_zero" for name in _COUNTED}},
        results.filter(~Exists(counted)).order_by().annotate(**constant, n_zero=Value(0)))
    own = results.filter(village_id=OuterRef("area_id"))
    AreaSummary.objects.filter(run=run, area_id__in=results.values("village_id")).update(
        villages=1,
        villages_met=Subquery(own.values_list(Cast("met", IntegerField()))),
        villages_unknown=Subquery(own.values_list(
            Case(When(income=State.UNKNOWN, then=Value(1)), default=Value(0), output_field=IntegerField()))))


def _parent_code(column: str, level: str) -> Concat:
    length = PREFIX_LENGTH[level]
    return Concat(Substr(column, 1, length), Value("0" * (12 - length)), output_field=CharField())


def _add_up(run: Run, lower: str, level: str) -> None:
    parents = (AreaSummary.objects.filter(run=run, level=lower).order_by()
               .annotate(parent_code=_parent_code("area_id", level)).values("parent_code")
               .annotate(n_run=Value(run.pk, output_field=IntegerField()),
                         n_level=Value(level.value, output_field=CharField()),
                         **{f"n_{name}": Sum(name) for name in _COUNTED}))
    insert_select(AreaSummary, {"run": "n_run", "area": "parent_code", "level": "n_level",
                                **{name: f"n_{name}" for name in _COUNTED}}, parents)
    if level == Level.TOWNSHIP:
        return
    lines = (SummaryLine.objects.filter(run=run, area__level=lower).order_by()
             .annotate(parent_code=_parent_code("area_id", level)).values("parent_code", "kind", "key")
             .annotate(n_run=Value(run.pk, output_field=IntegerField()), n_households=Sum("households"),
                       n_met=Sum("households_met"), n_persons=Sum("persons")))
    insert_select(SummaryLine, {"run": "n_run", "area": "parent_code", "kind": "kind", "key": "key",
                                "households": "n_households", "households_met": "n_met", "persons": "n_persons"}, lines)


def _count_lines(run: Run) -> None:
    """Causes of poverty, and income per head in bands, per township.

    The income distribution holds households with labour capacity only: the income line is not asked of the others.
    """
    band = Case(When(Q(net_income__lt=0) | Q(members=0), then=Value(-1)),
                When(net_income__gte=F("members") * Value(LAST_BAND * FEN_PER_BAND), then=Value(LAST_BAND)),
                default=F("net_income") / (F("members") * Value(FEN_PER_BAND)), output_field=IntegerField())
    able = Q(labour_capacity=True)
    for kind, key, wanted in ((SummaryLine.Kind.CAUSE, F("main_cause"), Q()),
                              (SummaryLine.Kind.INCOME_BAND, Cast(band, CharField()), able)):
        if PREFIX_LENGTH[Level.TOWNSHIP] < len(run.area.prefix):
            continue
        grouped = (Result.objects.filter(wanted, run=run).order_by()
                   .annotate(n_area=_parent_code("village_id", Level.TOWNSHIP), n_key=key)
                   .values("n_area", "n_key")
                   .annotate(n_run=Value(run.pk, output_field=IntegerField()),
                             n_kind=Value(kind.value, output_field=CharField()), n_households=Count("pk"),
                             n_met=_households(Q(met=True)), n_persons=Coalesce(Sum("members"), 0)))
        insert_select(SummaryLine, {"run": "n_run", "area": "n_area", "kind": "n_kind", "key": "n_key",
                                    "households": "n_households", "households_met": "n_met",
                                    "persons": "n_persons"}, grouped)


def counts_of(run: Run, lines: list[LineInForce], area_code: str | None = None) -> dict:
    """The counts of a run, or of an area in it, as the command prints them (contracts/commands.md)."""
    top = AreaSummary.objects.filter(run=run, area_id=area_code or run.area_id).first() or AreaSummary()
    applied = {c["key"] for c in run.programme.body["criteria"]}
    return {
        "run": run.pk, "programme": run.programme_id, "year": run.year, "basis": run.basis,
        "lines": {line.key: plain(line.shown) for line in lines},
        "households": _split(top.households, top.households_met),
        "persons": _split(top.persons, top.persons_met),
        "criteria": {key: _criterion_counts(top, key, key in applied) for key in CRITERIA},
        "villages": {"assessed": top.villages, "met": top.villages_met,
                     "not_met": top.villages - top.villages_met - top.villages_unknown,
                     "unknown": top.villages_unknown},
    }


def _split(assessed: int, met: int) -> dict[str, int]:
    return {"assessed": assessed, "met": met, "not_met": assessed - met}


def _criterion_counts(top: AreaSummary, key: str, applied: bool) -> dict[str, int]:
    outside = {"income": top.households - top.able_households, "dibao": top.able_households,
               "education": top.education_not_applicable}.get(key, 0) if applied else top.households
    not_met, unknown = getattr(top, f"{key}_not_met"), getattr(top, f"{key}_unknown", 0)
    return {"met": top.households - outside - not_met - unknown, "not_met": not_met, "unknown": unknown,
            "not_applicable": outside}

"""The programme documents as the product applies them, clause by clause."""
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from office.access import allow
from office.forms import ClauseFilter
from office.mandate import MissingStatistic, lines_in_force
from office.models import Area, Programme
from office.models.statistic import Basis, StatisticKey
from office.programme_files import read_targets, target_for
from office.roles import Permission
from office.statistics import shown_figure

TARGET_KINDS = {"cumulative_percent": ("累计比例", "%"), "persons_per_year": ("当年人数", "人"),
                "ratio_per_year": ("各年比例", "份"), "deadline_only": ("期限", "%")}
SUBJECTS = {"household": "户", "village": "村"}
RESIDENCES = {"any": "", "rural": "农村", "urban": "城镇"}


@dataclass(frozen=True)
class LineOfYear:
    """One line in one year as it stands now, or why there is none."""

    year: int
    basis: str
    shown: Decimal | None
    derivation: str


@allow(Permission.READ_PROGRAMMES)
def programme_list(request):
    programmes = Programme.objects.select_related("area").annotate(
        clause_count=Count("clauses", distinct=True),
        unset_count=Count("numbers", filter=Q(numbers__value=None), distinct=True))
    return render(request, "office/programmes.html", {"title": "政策文件", "programmes": programmes})


@allow(Permission.READ_PROGRAMMES)
def programme_page(request, key):
    programme = get_object_or_404(Programme.objects.select_related("area"), pk=key)
    targets = read_targets(programme.body["targets"])
    clauses = programme.clauses.all()
    sections = list(dict.fromkeys(clause.section for clause in clauses))
    form = ClauseFilter(request.GET, sections=sections)
    shown = _matching(clauses, **form.cleaned_data) if form.is_valid() else list(clauses)
    by_section = sorted(shown, key=lambda clause: sections.index(clause.section))
    return render(request, "office/programme.html", {
        "title": programme.name, "programme": programme, "form": form, "numbers": _numbers(programme),
        "lines": _lines(programme), "criteria": programme.body["criteria"], "advisory": programme.body["advisory"],
        "targets": targets, "target_kind": TARGET_KINDS[targets.kind], "target_rows": _target_rows(programme, targets),
        "groups": [(section, list(group)) for section, group in groupby(by_section, lambda clause: clause.section)],
        "shown": len(shown), "total": len(clauses),
        "crumbs": [{"label": "政策文件", "url": reverse("office:programmes")}, {"label": programme.document_number}]})


def _numbers(programme) -> list:
    """Policy numbers with their value as shown; years are not grouped."""
    numbers = list(programme.numbers.all())
    for number in numbers:
        if number.value is not None:
            number.shown = f"{number.value.normalize():f}" if number.unit == "年" else shown_figure(number.value)
    return numbers


def _matching(clauses, clause: str, section: str) -> list:
    found = [one for one in clauses if not section or one.section == section]
    return [one for one in found if clause in "".join((one.clause, one.label, one.text, one.values, one.quote))] \
        if clause else found


def _lines(programme) -> list[dict]:
    """Each line's rule with its words, what the document prints, and what it comes to in each year."""
    names = dict(Area.objects.filter(pk__in={rule["statistic_area"] for rule in programme.body["lines"]})
                 .values_list("pk", "name"))
    years = _lines_by_year(programme)
    return [rule | {
        "percent": f"{(Decimal(rule['ratio']) * 100).normalize():f}%", "subject_label": SUBJECTS[rule["subject"]],
        "residence_label": RESIDENCES[rule["residence"]], "area_name": names.get(rule["statistic_area"], ""),
        "statistic_label": StatisticKey(rule["statistic"]).label.partition("（")[0], "years": years.get(rule["key"], [])}
        for rule in programme.body["lines"]]


def _lines_by_year(programme) -> dict[str, list[LineOfYear]]:
    found: dict[str, list[LineOfYear]] = {}
    for year in programme.years:
        for basis in (Basis.ACTUAL, Basis.FORECAST):
            try:
                lines = lines_in_force(programme, year, basis)
            except MissingStatistic:
                continue
            for line in lines:
                found.setdefault(line.key, []).append(LineOfYear(year, basis.label, line.shown, line.derivation))
    return found


def _target_rows(programme, targets) -> list[dict]:
    """Per year: what the document prints, and what it comes to in persons and households of its own caseload."""
    printed = {row.year: row for row in targets.rows}
    rows = []
    for year in programme.years:
        persons, households = ((None, None) if total is None else target_for(targets, year, total)
                               for total in (targets.caseload.persons, targets.caseload.households))
        rows.append({"year": year, "printed": printed.get(year), "persons_due": persons[0], "persons_year": persons[1],
                     "households_due": households[0], "households_year": households[1]})
    return rows

"""项目台账: one row per project of the library, those proposed and those taken out included."""
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q, Sum

from funds.ledgers.extent import FINAL, ZERO, Extent, chunks, signed, span
from funds.models import Procurement, Project
from funds.publications import before_and_after, spans
from office.fields import MoneyField
from office.models import Area
from office.money import grouped


def _payments(extent: Extent):
    """What was paid out of the money of projects, and what came back."""
    moved = extent.movements().filter(project__isnull=False)
    return moved.filter(Q(to_account__kind__in=FINAL) | Q(from_account__kind__in=FINAL))


BACK = Q(from_account__kind__in=FINAL)


def expected(extent: Extent) -> tuple[int, Decimal]:
    """How many projects there are, and what was paid for all of them."""
    projects = extent.projects()
    paid = _payments(extent).filter(project__in=projects).aggregate(total=signed(BACK))
    return projects.count(), paid["total"]


def rows(extent: Extent) -> Iterator[tuple]:
    """The rows in the order of the project numbers."""
    names = _Names()
    for part in chunks(extent.projects().select_related("area").order_by("number").iterator(chunk_size=1000), 500):
        paid = dict(_payments(extent).filter(project__in=[one.pk for one in part]).values_list("project_id").annotate(
            total=signed(BACK)))
        contracts = dict(Procurement.objects.filter(project__in=[one.pk for one in part]).order_by().values_list(
            "project_id").annotate(Sum("amount", output_field=MoneyField())))
        notices = spans(one.pk for one in part)
        for project in part:
            yield _row(project, paid.get(project.pk, ZERO), names.place(project.area), contracts.get(project.pk),
                       notices.get(project.pk, {}))


class _Names:
    """Names of townships, asked for once."""

    def __init__(self) -> None:
        self._known: defaultdict[str, str] = defaultdict(str)

    def place(self, area: Area) -> str:
        """镇/村 of a village; of a wider area its own name."""
        if area.level != "village":
            return area.name
        if area.parent_id not in self._known:
            self._known[area.parent_id] = area.parent.name
        return f"{self._known[area.parent_id]}/{area.name}"


def _row(project: Project, paid: Decimal, place: str, contract: Decimal | None, notices: dict[str, str]) -> tuple:
    return (
        project.number, project.name, project.category, project.sub_category, project.get_construction_display(), place,
        "是" if project.in_poor_village else "否", project.implementer, project.person_responsible, project.assisting_unit,
        project.content, "/".join(map(grouped, (project.planned_fiscal, project.planned_own, project.planned_social))),
        project.approval_document, project.entered_on, span(project.planned_start, project.planned_end),
        span(project.actual_start, project.actual_end), project.progress, contract, project.settlement_price,
        paid, _pair(project.accepted_on, project.acceptance),
        f"{project.villages}/{project.households}/{project.persons}({project.poor_households}户{project.poor_persons}人)",
        project.mechanism, _pair(_yuan(project.expected_income), _yuan(project.actual_income)),
        _pair(project.asset_owner, project.handed_over_on), _pair(*before_and_after(notices)), project.rating)


def _pair(first, second) -> str:
    return f"{first or ''}/{second or ''}" if first or second else ""


def _yuan(amount: Decimal | None) -> str:
    return "" if amount is None else grouped(amount)

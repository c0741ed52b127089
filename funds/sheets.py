"""What one project and one village received, from the movements that name them."""
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.db.models.query import QuerySet

from funds.models import Movement, Project
from funds.states import AccountKind, Kind, Source, Stage
from office.fields import MoneyField
from office.models import Area, Officer

ZERO = Decimal("0.00")
_BUDGET, _PROJECT, _PAYEE, _CARDS = AccountKind.BUDGET, AccountKind.PROJECT, AccountKind.PAYEE, AccountKind.CARDS


@dataclass
class Sums:
    """Yuan, returns and reversals taken off: bound to projects, paid to payees (by stage), paid to households."""

    label: str = ""
    committed: Decimal = ZERO
    payees: Decimal = ZERO
    households: Decimal = ZERO
    stages: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    @property
    def paid(self) -> Decimal:
        return self.payees + self.households

    def take(self, giver: str, taker: str, stage: str, amount: Decimal) -> None:
        """Add one kind of way; the same way backwards takes off."""
        for sign, start, end in ((1, giver, taker), (-1, taker, giver)):
            if (start, end) == (_BUDGET, _PROJECT):
                self.committed += sign * amount
            elif (start, end) == (_PROJECT, _PAYEE):
                self.payees += sign * amount
                self.stages[stage] += sign * amount
            elif end == _CARDS:
                self.households += sign * amount
                if start == _BUDGET:
                    self.committed += sign * amount       # bound and paid in one step

    @property
    def left(self) -> Decimal:
        """Bound and not yet paid."""
        return self.committed - self.paid

    @property
    def stage_rows(self) -> list[dict]:
        words = dict(Stage.choices)
        return [{"label": words.get(stage, "未分类"), "amount": amount} for stage, amount in self.stages.items() if amount]


def _ways(movements: QuerySet[Movement], *keys: str):
    """Sums by kind of giver and taker and by stage (of a reversal: of what it reverses), per key."""
    stage = Coalesce(NullIf(F("stage"), Value("")), F("reverses__stage"), Value(""))
    return movements.annotate(of_stage=stage).order_by().values_list(
        *keys, "from_account__kind", "to_account__kind", "of_stage").annotate(total=Sum("amount", output_field=MoneyField()))


def of_project(project: Project) -> Sums:
    """Money of one project."""
    sums = Sums(project.name)
    for giver, taker, stage, amount in _ways(Movement.objects.filter(project=project)):
        sums.take(giver, taker, stage, amount)
    return sums


def of_projects(projects) -> dict[int, Sums]:
    """Money of several projects, in one statement."""
    found: dict[int, Sums] = defaultdict(Sums)
    for pk, giver, taker, stage, amount in _ways(Movement.objects.filter(project__in=projects), "project_id"):
        found[pk].take(giver, taker, stage, amount)
    return found


def of_place(officer: Officer, area: Area) -> tuple[list[Sums], Sums]:
    """Money that came to projects and households of a place, by year and source of the documents; and all of it."""
    rows, whole = defaultdict(Sums), Sums("合计")
    found = Movement.objects.visible_to(officer).in_area(area.pk)
    for year, source, giver, taker, stage, amount in _ways(found, "appropriation__year", "appropriation__source"):
        for sums in (rows[year, source], whole):
            sums.take(giver, taker, stage, amount)
    order = {value: place for place, value in enumerate(Source.values)}
    made = []
    for year, source in sorted(rows, key=lambda key: (key[0], order[key[1]])):
        sums = rows[year, source]
        sums.label = f"{year}年 {Source(source).label}"
        if sums.committed or sums.paid:
            made.append(sums)
    return made, whole


def payments_to(household_no: str) -> list[Movement]:
    """What went to the cards of a household, and what came back; the latest first."""
    return list(Movement.objects.filter(household=household_no).select_related("batch", "batch_line", "project")
                .order_by("-on", "-sequence"))


def household_items(officer: Officer, area: Area) -> list[dict]:
    """Payments to households of a place by item and year: how many households, how much, what came back."""
    came_back = Q(kind=Kind.REFUND)
    rows = Movement.objects.visible_to(officer).in_area(area.pk).filter(batch__isnull=False).order_by().values(
        "batch__item", "batch__year").annotate(
        households=Count("household", distinct=True), paid=Sum("amount", filter=~came_back, output_field=MoneyField(), default=0),
        returned=Sum("amount", filter=came_back, output_field=MoneyField(), default=0))
    return sorted(({"item": row["batch__item"], "year": row["batch__year"], "households": row["households"],
                    "paid": row["paid"], "returned": row["returned"], "net": row["paid"] - row["returned"]}
                   for row in rows), key=lambda row: (-row["year"], row["item"]))

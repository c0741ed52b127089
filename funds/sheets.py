"""What one project and one village received. Cards count where the household lives, and for a project what it paid them.

So what was bound for a place is what still lies with its projects, what was paid for them and what its households got;
each figure opens its movements (`funds.flows`, as a sheet).
"""
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from funds.flows import Lens
from funds.holdings import holdings
from funds.models import Account, Movement, PaymentBatch, Project
from funds.states import AccountKind, Kind, Source, Stage
from office.access import within
from office.fields import MoneyField
from office.models import Level
from office.money import from_fen

ZERO = Decimal("0.00")
UNSTAGED = "none"              # stage of payments that name none, in an address
_PROJECT, _PAYEE, _CARDS = AccountKind.PROJECT, AccountKind.PAYEE, AccountKind.CARDS


@dataclass
class Sums:
    """Yuan, returns and reversals taken off: with projects and not paid, paid to payees (by stage), paid to households."""

    label: str = ""
    query: dict = field(default_factory=dict)      # what narrows the lists down to this row
    unpaid: Decimal = ZERO
    payees: Decimal = ZERO
    households: Decimal = ZERO
    stages: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    @property
    def paid(self) -> Decimal:
        return self.payees + self.households

    @property
    def committed(self) -> Decimal:
        """Bound for projects or paid to households at once."""
        return self.unpaid + self.paid

    @property
    def stage_rows(self) -> list[dict]:
        words = dict(Stage.choices)
        return [{"stage": stage or UNSTAGED, "label": words.get(stage) or _unstaged(amount), "amount": amount}
                for stage, amount in sorted(self.stages.items(), key=lambda row: [*words, ""].index(row[0])) if amount]

    def take(self, kind: str, amount: Decimal) -> None:
        name = {_PROJECT: "unpaid", _PAYEE: "payees", _CARDS: "households"}[kind]
        setattr(self, name, getattr(self, name) + amount)


def _unstaged(amount: Decimal) -> str:
    """Returns of a payee bear no stage; with payments of none beside them the sum decides the word."""
    return "收款单位退回" if amount < 0 else "未注明款项"


def _on_cards(movements, *keys: str) -> Iterator[tuple]:
    """What the movements put on cards, returns taken off, by the keys."""
    for side, sign in (("to_account", 1), ("from_account", -1)):
        rows = movements.filter(**{f"{side}__kind": _CARDS}).order_by().values_list(*keys).annotate(
            total=Sum("amount", output_field=MoneyField()))
        for *key, amount in rows:
            yield (*key, sign * amount)


def of_projects(projects: Iterable[int], as_of=None) -> dict[int, Sums]:
    """Money of several projects, in a constant number of statements."""
    found: dict[int, Sums] = defaultdict(Sums)
    projects = list(projects)
    accounts = Account.objects.filter(project__in=projects, kind__in=(_PROJECT, _PAYEE))
    for one in holdings(accounts, as_of):
        found[one.project].take(one.kind, from_fen(one.fen))
    moved = Movement.objects.filter(project__in=projects)
    for pk, amount in _on_cards(moved.filter(on__lte=as_of) if as_of else moved, "project_id"):
        found[pk].take(_CARDS, amount)
    return found


def of_project(project: Project, as_of=None) -> Sums:
    """Money of one project, payments also by stage (a return or reversal counts with the stage it names or undoes)."""
    sums = of_projects([project.pk], as_of)[project.pk]
    sums.label = project.name
    moved = Movement.objects.filter(project=project)
    rows = of_stage(moved.filter(on__lte=as_of) if as_of else moved).order_by()
    for side, sign in (("to_account", 1), ("from_account", -1)):
        for stage, amount in rows.filter(**{f"{side}__kind": _PAYEE}).values_list("of_stage").annotate(
                total=Sum("amount", output_field=MoneyField())):
            sums.stages[stage] += sign * amount
    return sums


def of_stage(movements):
    """Movements with `of_stage`: their own stage, of a reversal that of what it reverses, else blank."""
    return movements.annotate(of_stage=Coalesce(NullIf(F("stage"), Value("")), F("reverses__stage"), Value("")))


def of_place(lens: Lens) -> tuple[list[Sums], Sums]:
    """Money that came to projects and households of a place, by year and source of the documents; and all of it."""
    rows, whole = defaultdict(Sums), Sums("合计")
    parts = [(one.year, one.source, one.kind, from_fen(one.fen)) for one in lens.holdings if one.kind in (_PROJECT, _PAYEE)]
    moved = lens.movements().filter(within("area_id", [lens.area.pk]))
    parts += [(year, source, _CARDS, amount)
              for year, source, amount in _on_cards(moved, "appropriation__year", "appropriation__source")]
    for year, source, kind, amount in parts:
        for sums in (rows[year, source], whole):
            sums.take(kind, amount)
    order = {value: place for place, value in enumerate(Source.values)}
    made = []
    for year, source in sorted(rows, key=lambda key: (key[0], order[key[1]])):
        sums = rows[year, source]
        sums.label, sums.query = f"{year}年 {Source(source).label}", {"year": year, "source": source}
        if sums.committed or sums.paid or sums.unpaid:
            made.append(sums)
    return made, whole


def payments_to(household_no: str) -> list[Movement]:
    """What went to the cards of a household, and what came back; the latest first."""
    return list(Movement.objects.filter(household=household_no).select_related("batch", "batch_line", "project")
                .order_by("-on", "-sequence"))


def household_items(lens: Lens) -> list[dict]:
    """Payments to households of a place by item and year: how much, what came back, to how many households.

    Households are counted in townships and villages only (elsewhere None): a household paid twice counts once.
    """
    moved = lens.movements().filter(within("area_id", [lens.area.pk]), batch__isnull=False).order_by()
    sums = list(moved.values_list("batch", "kind").annotate(total=Sum("amount", output_field=MoneyField())))
    lists = PaymentBatch.objects.in_bulk({batch for batch, *_ in sums})
    found = defaultdict(lambda: {"paid": ZERO, "returned": ZERO, "households": None})
    for batch, kind, amount in sums:
        found[lists[batch].item, lists[batch].year]["returned" if kind == Kind.REFUND else "paid"] += amount
    if lens.area.level in (Level.TOWNSHIP, Level.VILLAGE):
        for item, year, households in moved.values_list("batch__item", "batch__year").annotate(
                households=Count("household", distinct=True)):
            found[item, year]["households"] = households
    return [{"item": item, "year": year, **row, "net": row["paid"] - row["returned"]}
            for (item, year), row in sorted(found.items(), key=lambda entry: (-entry[0][1], entry[0][0]))]

"""One line of the household list: what the register says, and what a run found."""
from dataclasses import dataclass
from decimal import Decimal

from assessment.models import Result
from assessment.summaries import CRITERIA
from households.codes import Category, Cause, Residence
from office.money import from_fen, round_half_up

CRITERION_LABELS = {key: Result._meta.get_field(key).verbose_name for key in CRITERIA}


def per_head(net_income: int | None, members: int) -> Decimal | None:
    """Yuan per active member, rounded half-up for show; None when nobody counts."""
    if net_income is None or not members:
        return None
    return round_half_up(from_fen(net_income) / members)


@dataclass(frozen=True)
class Row:
    """One line of the list. Money in yuan per head and year; `met` is None where the run has no verdict."""

    no: str
    year: int
    head_name: str
    village: str
    township: str
    members: int
    residence: str
    category: str
    labour_capacity: bool
    main_cause: str
    income: Decimal | None
    gap: Decimal | None
    met: bool | None
    problems: tuple[tuple[str, str], ...]     # (criterion, "not_met" or "unknown")

    @property
    def category_label(self) -> str:
        return Category(self.category).label

    @property
    def cause_label(self) -> str:
        return Cause(self.main_cause).label

    @property
    def residence_label(self) -> str:
        return dict(Residence.choices).get(self.residence, self.residence)

    @property
    def labour_label(self) -> str:
        return "有劳动能力" if self.labour_capacity else "无劳动能力"

    @property
    def status_label(self) -> str:
        return "" if self.met is None else "达标" if self.met else "未达标"

    @property
    def problem_label(self) -> str:
        return "、".join(f"{CRITERION_LABELS[key]}{'待核' if state == 'unknown' else ''}"
                        for key, state in self.problems)

"""The criteria: each is one declarative object, and the only implementation of its rule.

A criterion says whom it applies to, when its answer is known, and when it is met, as conditions over the facts
(households.facts) and the line. The engine turns all of a programme's criteria into one INSERT … SELECT; the
explanation of a household reads the same stored columns.
"""
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    ExpressionWrapper,
    F,
    PositiveSmallIntegerField,
    Q,
    Value,
    When,
)

from assessment.models import State
from households.codes import Category, Residence
from office.mandate import FEN_SCALE, LineInForce

ALWAYS = ~Q(pk__in=[])


@dataclass(frozen=True)
class Criterion:
    """One condition of being lifted out; conditions are Qs over facts. Order of judgement: applies, known, met."""

    key: str
    label: str
    applies: Q
    known: Q
    met: Q

    def state(self) -> Case:
        """The criterion's state (models.State) as one SQL expression."""
        return Case(
            When(~self.applies, then=Value(State.NOT_APPLICABLE.value)),
            When(~self.known, then=Value(State.UNKNOWN.value)),
            When(self.met, then=Value(State.MET.value)),
            default=Value(State.NOT_MET.value), output_field=PositiveSmallIntegerField())


def _guarantee(key: str, label: str, column: str, applies: Q = ALWAYS) -> Criterion:
    return Criterion(key, label, applies=applies, known=Q(**{f"{column}__isnull": False}), met=Q(**{column: True}))


_COVERED_BY_CATEGORY = Q(category__in=[Category.DIBAO, Category.TEKUN])

HOUSEHOLD_CRITERIA: dict[str, Criterion] = {c.key: c for c in (
    # Net income ≥ line × members, both sides in millionths of a fen: no division, no rounding.
    Criterion("income", "收入", applies=Q(labour_capacity=True), known=ALWAYS,
              met=Q(scaled_income__gte=F("scaled_line") * F("active_members"))),
    Criterion("dibao", "低保兜底", applies=Q(labour_capacity=False),
              known=Q(on_dibao__isnull=False) | _COVERED_BY_CATEGORY, met=Q(on_dibao=True) | _COVERED_BY_CATEGORY),
    _guarantee("food", "不愁吃", "food_secure"),
    _guarantee("clothing", "不愁穿", "clothing_secure"),
    _guarantee("education", "义务教育", "education_secure", applies=Q(school_age_members__gt=0)),
    _guarantee("medical", "基本医疗", "medical_secure"),
    _guarantee("housing", "住房安全", "housing_secure"),
)}

# A village meets the programme's income criterion when its income per head ≥ line; a blank income is unknown.
VILLAGE_INCOME = Criterion("income", "村民人均可支配收入", applies=ALWAYS, known=Q(pc_disposable_income__isnull=False),
                           met=Q(scaled_income__gte=F("scaled_line")))


def judged_residence() -> Case:
    """Urban or rural: what is not registered as urban counts as rural (the workbook's default), also an unknown word."""
    return Case(When(residence=Residence.URBAN, then=Value(Residence.URBAN.value)),
                default=Value(Residence.RURAL.value), output_field=CharField())


def household_line(lines: Iterable[LineInForce]):
    """The household line in millionths of a fen as an expression; which one applies may depend on the residence."""
    by_residence = {line.residence: line.scaled for line in lines if line.subject == "household"}
    big = BigIntegerField()
    if "any" in by_residence:
        return Value(by_residence["any"], output_field=big)
    return Case(When(residence=Residence.URBAN, then=Value(by_residence["urban"], output_field=big)),
                default=Value(by_residence["rural"], output_field=big), output_field=big)


def scaled(column: str) -> ExpressionWrapper:
    """A column in fen as millionths of a fen."""
    return ExpressionWrapper(F(column) * Value(FEN_SCALE, output_field=BigIntegerField()),
                             output_field=BigIntegerField())


def all_met(keys: Iterable[str]) -> Q:
    """Status: every criterion is met or does not apply; one that is unknown is not met."""
    condition = Q()
    for key in keys:
        condition &= Q(**{f"{key}_state__in": [State.MET.value, State.NOT_APPLICABLE.value]})
    return condition

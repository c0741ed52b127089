"""The sums that a document itself prints, beside the same sums computed from the register, and what makes the difference.

Both follow one rule (persons × standard × share), so the difference is the difference in persons; what that does not
explain is shown as it is, never smoothed over.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from funds import due
from funds.due import Due
from funds.rules import Printed, funding
from funds.village_dues import last_day
from office.mandate import policy_number
from office.models import PolicyNumber, Programme
from office.money import round_half_up


@dataclass(frozen=True)
class PrintedSum:
    """One sum of a document. Yuan; `computed` and `difference` are None while the area has no register."""

    number: PolicyNumber
    label: str
    printed: Decimal
    document_persons: int
    persons: int | None
    per_person: Fraction            # yuan that one person adds to this sum
    computed: Decimal | None

    @property
    def own(self) -> Decimal:
        """What the document's own persons make by the same rule."""
        return _yuan(self.per_person * self.document_persons)

    @property
    def difference(self) -> Decimal | None:
        return None if self.computed is None else self.computed - self.printed

    @property
    def more_persons(self) -> int | None:
        """Persons of the register less persons of the document."""
        return None if self.persons is None else self.persons - self.document_persons

    @property
    def fewer_persons(self) -> int | None:
        return None if self.persons is None else -self.more_persons

    @property
    def by_persons(self) -> Decimal | None:
        """The part of the difference that comes from the persons."""
        return None if self.persons is None else _yuan(self.per_person * self.more_persons)

    @property
    def unexplained(self) -> Decimal | None:
        """What the persons do not explain: zero when the document calculated as its own rule says."""
        return None if self.difference is None else self.difference - self.by_persons

    @property
    def each(self) -> Decimal:
        return _yuan(self.per_person)

    @property
    def rounded(self) -> bool:
        """Whether `each` shows less than the exact share: a third of a standard is no whole number of fen."""
        return Fraction(self.each) != self.per_person


def _yuan(value: Fraction) -> Decimal:
    return round_half_up(Decimal(value.numerator) / Decimal(value.denominator))


def document_persons(programme: Programme) -> int | None:
    """How many persons the document's own sums rest on, as it prints them."""
    rule = funding(programme.key).standard
    if rule is None or rule.persons is None:
        return None
    if rule.persons == "caseload":
        return programme.body["targets"]["caseload"]["persons"]
    number = policy_number(programme, rule.persons, last_day(programme.end_year))
    return int(number.value) if number and number.value is not None else None


def printed_sums(programme: Programme, found: Iterable[Due]) -> list[PrintedSum]:
    """The document's sums in its order; `found` are the dues of the programme's whole area."""
    rules, persons = funding(programme.key), document_persons(programme)
    if persons is None:
        return []
    standard = {one.payer: one for one in found if one.kind == "standard"}
    counted = next((one.persons for one in standard.values()), None)
    on = last_day(programme.end_year)
    per_person = policy_number(programme, rules.standard.number, on).value
    return [_compared(programme, one, standard, counted, persons, Fraction(per_person)) for one in rules.printed]


def _compared(programme: Programme, rule: Printed, standard: dict[str, Due], counted: int | None, persons: int,
              per_person: Fraction) -> PrintedSum:
    on = last_day(programme.end_year)
    weights = {payer: Fraction(weight) for payer, weight in due.weights(programme, on).items()}
    share = sum((weights[payer] for payer in rule.payers or weights), Fraction(0)) / sum(weights.values())
    years = len(programme.years) if rule.yearly else 1
    number = policy_number(programme, rule.number, on)
    computed = None
    if counted is not None:
        whole = sum((Fraction(standard[payer].amount) for payer in rule.payers or weights), Fraction(0))
        computed = _yuan(whole / years)
    return PrintedSum(number, number.label, number.value, persons, counted, per_person * share / years, computed)

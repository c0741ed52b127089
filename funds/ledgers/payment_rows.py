"""到户补助发放: one row per payment to a household, and one with a minus for each that came back or was reversed.

Rows are movements of the ledger, so that nothing that was paid can be missing and the sum is what households really got.
"""
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q

from funds.ledgers.extent import Extent, chunks, signed
from funds.states import BankResult, Kind
from households.codes import Relationship
from households.models import MemberYear
from office.access import within
from office.masking import mask_id

CHUNK = 5000    # payments whose ID numbers are asked for together
PAID = Q(kind=Kind.HOUSEHOLD_PAYMENT)
RETURNED = Q(kind=Kind.REFUND, batch_line__isnull=False)
UNDONE = Q(kind=Kind.REVERSAL) & (Q(reverses__kind=Kind.HOUSEHOLD_PAYMENT)
                                  | Q(reverses__kind=Kind.REFUND, reverses__batch_line__isnull=False))
MINUS = RETURNED | Q(kind=Kind.REVERSAL, reverses__kind=Kind.HOUSEHOLD_PAYMENT)
_OF_LINE = ("household_id", "member_id", "head_name", "beneficiary", "batch__item", "project__name", "standard", "quantity",
            "bank_name", "card_tail", "year", "signed_on", "result", "batch__number")
_LINE = tuple(f"batch_line__{name}".replace("batch_line__project", "batch_line__batch__project") for name in _OF_LINE)


def _movements(extent: Extent, which: Q, batch: str = "batch"):
    found = extent.movements().filter(which, within("area_id", [extent.area.pk]))
    return found.filter(**{f"{batch}__year": extent.year}) if extent.year else found


def expected(extent: Extent) -> tuple[int, Decimal]:
    """How many rows there are, and what households got in all."""
    count, total = 0, Decimal(0)
    for which, batch in ((PAID | RETURNED, "batch"), (UNDONE, "reverses__batch")):
        found = _movements(extent, which, batch)
        count += found.count()
        total += found.aggregate(total=signed(MINUS))["total"]
    return count, total


def rows(extent: Extent) -> Iterator[tuple]:
    """The rows in the order of the ledger, reversals last."""
    ordinary = _movements(extent, PAID | RETURNED).order_by("sequence").values_list("kind", "on", "amount", "note", *_LINE)
    undone = _movements(extent, UNDONE, "reverses__batch").order_by("sequence").values_list(
        "reverses__kind", "on", "amount", "note", *(f"reverses__{name}" for name in _LINE))
    for reversal, found in ((False, ordinary), (True, undone)):
        for part in chunks(found.iterator(chunk_size=CHUNK), CHUNK):
            numbers = _id_numbers(part)
            for row in part:
                yield _row(row, numbers, extent.masked, reversal)


_HOUSEHOLD, _MEMBER, _YEAR = 4, 5, 14


def _id_numbers(part: list[tuple]) -> dict[tuple[str, int], str]:
    """ID number by member (of a payment to a person) or household (its head) and year, as the register has it."""
    asked = {(row[_MEMBER] or row[_HOUSEHOLD], row[_YEAR]) for row in part}
    years = {year for _, year in asked}
    members = {no for no, _ in asked if len(no) == 18}
    found = {}
    if members:
        found.update(((no, year), number) for no, year, number in MemberYear.objects.filter(
            member_id__in=members, year__in=years).values_list("member_id", "year", "id_number"))
    if households := {no for no, _ in asked if len(no) == 16}:
        found.update(((no, year), number) for no, year, number in MemberYear.objects.filter(
            household_year__household_id__in=households, year__in=years, relationship=Relationship.HEAD).values_list(
                "household_year__household_id", "year", "id_number"))
    return found


def _row(row: tuple, numbers: dict, masked: bool, reversal: bool) -> tuple:
    (kind, on, amount, note, household, member, head, beneficiary, item, project, standard, quantity, bank, tail, year,
     signed_on, result, batch) = row
    number = numbers.get((member or household, year), "")
    return (
        household, head, beneficiary, mask_id(number) if masked else number, f"{item}（{project}）" if project else item,
        standard, quantity, -amount if (kind == Kind.REFUND) != reversal else amount, f"{bank} {tail}".strip(), on, batch,
        str(signed_on or ""), _verdict(kind, result, note, reversal))


def _verdict(kind: str, result: str, note: str, reversal: bool) -> str:
    """What is known of a payment: whether the bank confirmed it, or why it came back."""
    if reversal:
        return f"冲正：{note}"
    if kind == Kind.REFUND:
        return f"退回：{note}" if note else "退回"
    return {BankResult.SUCCESS: "银行已确认", BankResult.FAILED: "银行退回"}.get(result, "待银行回盘")



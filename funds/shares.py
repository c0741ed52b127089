"""Dividing a sum so that the parts always make the whole. Pure.

The rule for what does not divide, here and nowhere else: every part is first rounded down to the fen; the fen left
over go one each to the parts that lost most by the rounding, and among equals to the one named first.
"""
from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from office.money import from_fen, to_fen

Party = TypeVar("Party", bound=Hashable)
Weight = int | Decimal | Fraction


def split(amount: Decimal | int, weights: Mapping[Party, Weight]) -> dict[Party, Decimal]:
    """`amount` (yuan, whole fen, not negative) divided by the weights, in the order in which they are given.

    ValueError for a fraction of a fen, a negative amount or weight, and when no weight is above zero.
    """
    fen = to_fen(amount)
    exact = {party: Fraction(weight) for party, weight in weights.items()}
    whole = sum(exact.values(), Fraction(0))
    if fen < 0 or any(weight < 0 for weight in exact.values()) or not whole:
        raise ValueError("an amount is divided by weights, none of them negative and at least one above zero")
    shares = {party: fen * weight / whole for party, weight in exact.items()}
    parts = {party: share.numerator // share.denominator for party, share in shares.items()}
    left = fen - sum(parts.values())
    # `sorted` keeps the given order among equals.
    for party in sorted(parts, key=lambda party: parts[party] - shares[party])[:left]:
        parts[party] += 1
    return {party: from_fen(part) for party, part in parts.items()}

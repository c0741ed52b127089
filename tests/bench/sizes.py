"""How much data each size has, and where in the province it lies."""
from dataclasses import dataclass

YEAR = 2018
# 20,700 households of the made-up register are about 56,000 persons.


@dataclass(frozen=True)
class Share:
    """A part of the data: an area filled with households, judged by one programme."""

    area: str
    programme: str
    households: int


@dataclass(frozen=True)
class Size:
    """Data of one size; `smaller` is the size it is compared with to see what grows."""

    name: str
    shares: tuple[Share, ...]
    smaller: str | None
    rounds: int

    @property
    def households(self) -> int:
        return sum(share.households for share in self.shares)


SIZES = {size.name: size for size in (
    Size("town", (Share("441424000000", "MZ2016", 1_500),), None, rounds=7),
    Size("county", (Share("441424000000", "MZ2016", 20_700),), "town", rounds=5),
    Size("city", (Share("441400000000", "MZ2016", 200_000),), "county", rounds=5),
    Size("province", (Share("441400000000", "MZ2016", 210_000), Share("441500000000", "SW2016", 200_000),
                      Share("441600000000", "HY2018", 200_000)), "city", rounds=3),
)}

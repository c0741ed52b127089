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
    """Data of one size; `smaller` is the size it is compared with to see what grows.

    `workbook` is what comes in as one file; the product takes half a million rows a sheet, a larger place sends several.
    `sent` is the area that goes out as one file.
    """

    name: str
    shares: tuple[Share, ...]
    workbook: Share
    sent: str
    smaller: str | None
    rounds: int

    @property
    def households(self) -> int:
        return sum(share.households for share in self.shares)


WUHUA, MEIZHOU, SHANWEI, HEYUAN = "441424000000", "441400000000", "441500000000", "441600000000"
_TOWN, _COUNTY = Share(WUHUA, "MZ2016", 1_500), Share(WUHUA, "MZ2016", 20_700)
_CITY = Share(MEIZHOU, "MZ2016", 200_000)
_PROVINCE = (Share(MEIZHOU, "MZ2016", 210_000), Share(SHANWEI, "SW2016", 200_000), Share(HEYUAN, "HY2018", 200_000))

SIZES = {size.name: size for size in (
    Size("town", (_TOWN,), _TOWN, WUHUA, None, rounds=7),
    Size("county", (_COUNTY,), _COUNTY, WUHUA, "town", rounds=5),
    Size("city", (_CITY,), Share(MEIZHOU, "MZ2016", 100_000), WUHUA, "county", rounds=5),
    Size("province", _PROVINCE, Share(MEIZHOU, "MZ2016", 180_000), WUHUA, "city", rounds=3),
)}

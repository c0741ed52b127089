"""How a made-up household lives: guarantees that get settled over the years, house, water, roads."""
from dataclasses import dataclass
from math import exp
from random import Random

from assessment.demo import shares
from assessment.demo.families import Family
from households.codes import Category, Standard

_ROADS = (("水泥路", "砂石路", "泥土路", "沥青路"), (70, 16, 12, 2))
_FUELS = (("清洁能源", "柴草", "煤炭", "其他"), (58, 39, 2, 1))


@dataclass(frozen=True)
class Home:
    """What lasts; `settled` says at which progress (0 to 1) each guarantee is reached, above 1: not in these years."""

    settled: dict[str, float]
    backstop: float
    danger: str             # level of the house while it is unsafe
    area: int               # hundredths of m²
    road: str
    distance: int           # hundredths of a km
    fuel: str
    comfort: float          # 0 to 1: television, network, toilet come earlier or later


def draw_home(rng: Random, size: int, fortune: float) -> Home:
    """`fortune`: how well the township is placed, in standard deviations."""
    settled, worse = {}, exp(-fortune * shares.TOWNSHIP_LACKING)
    for key, (start, end) in shares.LACKING.items():
        place = rng.random() / worse
        settled[key] = 0.0 if place >= start else 9.0 if place < end else rng.uniform(0.05, 1.0)
    return Home(settled=settled, backstop=rng.random(), danger=rng.choice("CCDD"),
                area=rng.randrange(18, 36) * 100 * min(size, 5) + rng.randrange(0, 2000, 50),
                road=rng.choices(*_ROADS)[0], distance=rng.randrange(0, 320, 5), fuel=rng.choices(*_FUELS)[0],
                comfort=rng.random())


def dibao_state(rng: Random, family: Family, home: Home, able: bool, progress: float) -> bool | None:
    """Whether the household is in the dibao; None: the register does not say."""
    if family.category != Category.ORDINARY:
        return True
    if able:
        return False
    if rng.random() < shares.BACKSTOP_UNKNOWN * (1 - 0.7 * progress):
        return None
    return home.backstop < shares.BACKSTOP_START + (shares.BACKSTOP_END - shares.BACKSTOP_START) * progress


def conditions(rng: Random, home: Home, progress: float) -> dict:
    """The yes/no columns and measures of the household-year."""
    unknown = shares.UNKNOWN_START + (shares.UNKNOWN_END - shares.UNKNOWN_START) * progress
    row: dict = {key: None if rng.random() < unknown else at <= progress for key, at in home.settled.items()}
    unsafe = home.settled["housing_secure"] > progress
    row |= {
        "dangerous_house": unsafe, "danger_level": home.danger if unsafe else "B" if home.comfort < 0.3 else "A",
        "has_electricity": True, "has_broadcast": home.comfort + 0.25 * progress > 0.12,
        "has_network": home.comfort + 0.6 * progress > 0.7, "has_sanitary_toilet": home.comfort + 0.5 * progress > 0.4,
        "in_cooperative": home.comfort < 0.1 + 0.3 * progress, "housing_area": home.area,
        "road_distance": home.distance, "road_type": "水泥路" if progress > home.comfort else home.road,
        "fuel_type": home.fuel, "orchard_area": 0, "water_area": 0, "standard": Standard.PROVINCIAL.value}
    return row

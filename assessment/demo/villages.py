"""Made-up facts of real villages, and how many registered households each has."""
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import exp
from random import Random

from assessment.demo import shares

HOUSEHOLDS_AT_MOST = 9999        # a household number ends with four digits
_POOR_WEIGHT, _COMMITTEE_WEIGHT = 2.2, 0.3


@dataclass(frozen=True)
class Village:
    """One village of the register: its code, its place among all of them, whether it is relatively poor."""

    code: str
    position: int
    is_poor: bool
    is_urban: bool
    households: int


def spread(seed: int, codes: list[str], households: int, poor: int) -> list[Village]:
    """Give every village its share of the households (exactly that many in all) and choose the poor villages.

    Residents' committees (third part of the code below 200) have few poor households and are never poor villages.
    """
    rng = Random(f"{seed}/villages")
    rural = [code for code in codes if code[9] >= "2"] or codes
    chosen = set(rng.sample(rural, min(poor, len(rural))))
    weights = [exp(rng.gauss(0, 0.45)) * (_POOR_WEIGHT if code in chosen else 1)
               * (1 if code[9] >= "2" else _COMMITTEE_WEIGHT) for code in codes]
    shares_of_all = [households * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in shares_of_all]
    by_rest = sorted(range(len(codes)), key=lambda i: (counts[i] - shares_of_all[i], codes[i]))
    for i in by_rest[:households - sum(counts)]:
        counts[i] += 1
    return [Village(code, position, code in chosen, code[9] < "2", counts[position])
            for position, code in enumerate(codes)]


def village_years(seed: int, village: Village, lines: dict[int, Decimal | None], progress: dict[int, float]) -> list[dict]:
    """The rows of the sheet 村. `lines`: village income line per year in yuan (None: the programme has none)."""
    rng = Random(f"{seed}/{village.code}/village")
    standing = rng.gauss(0, shares.VILLAGE_BETWEEN)
    homes = max(rng.randrange(160, 900), village.households * 2)
    people, natural = round(homes * rng.uniform(3.9, 4.9)), rng.randrange(4, 26)
    luck = [rng.random() for _ in range(6)]
    rows = []
    for year, line in lines.items():
        far = progress[year] + (0 if village.is_poor else 0.35)
        rows.append({
            "village_id": village.code, "year": year, "is_poor_village": village.is_poor,
            "registered_households": homes + (year - min(lines)) * 2, "registered_population": people,
            "pc_disposable_income": _income(rng, village, line, standing, progress[year]),
            "collective_income": round(rng.uniform(8000, 60000) * (1 + 4 * far) / 100) * 10000,
            "safe_water_rate": min(10000, round((62 + 38 * min(1, far + luck[0] * 0.4)) * 100)),
            "tap_water_rate": min(10000, round((45 + 50 * min(1, far * 0.9 + luck[1] * 0.3)) * 100)),
            "hardened_natural_villages": min(natural, round(natural * (0.45 + 0.55 * min(1, far + luck[2] * 0.3)))),
            "natural_villages_to_harden": natural, "has_standard_clinic": far + luck[3] > 0.5,
            "has_bus": far + luck[4] > 0.3, "has_broadband": far + luck[5] > 0.35, "has_broadcast": True,
            "has_service_platform": far + luck[2] > 0.4})
    return rows


def _income(rng: Random, village: Village, line: Decimal | None, standing: float, progress: float) -> int | None:
    """Income per head of the villagers in fen; now and then not known, now and then exactly the line or a fen off it."""
    if line is None or rng.random() < 0.012:
        return None
    if rng.random() < 0.05:
        return int((line * 100).to_integral_value(ROUND_CEILING)) + rng.choice((0, -1, 1))
    place = shares.VILLAGE_START + shares.VILLAGE_GAIN * progress + standing + rng.gauss(0, shares.VILLAGE_WITHIN)
    return round(float(line) * exp(place + (0 if village.is_poor else shares.OTHER_VILLAGES_ABOVE))) * 100

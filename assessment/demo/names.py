"""Names of made-up people: real surnames by their weight in the region, given names of the shipped lists."""
import csv
from functools import cache
from itertools import accumulate
from random import Random

from assessment.demo.shares import GENERATION_CHARACTERS, LINEAGE_SHARE, RARE_CHARACTERS, SURNAMES_OF_THE_REGION
from office.registers import DATA


@cache
def _surnames() -> tuple[list[str], list[float]]:
    with (DATA / "names_surname_weights_faker.csv").open(encoding="utf-8") as file:
        weights = {row["surname"]: float(row["weight_pct"]) for row in csv.DictReader(file)}
    for surname, factor in SURNAMES_OF_THE_REGION.items():
        weights[surname] = weights.get(surname, 0.05) * factor
    return list(weights), list(accumulate(weights.values()))


@cache
def _given_names() -> dict[str, tuple[list[str], list[str]]]:
    """By sex: names of one character and names of two."""
    names: dict[str, tuple[list[str], list[str]]] = {"male": ([], []), "female": ([], [])}
    with (DATA / "names_given_faker.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names[row["sex"]][len(row["given_name"]) > 1].append(row["given_name"])
    return names


def any_surname(rng: Random) -> str:
    surnames, weights = _surnames()
    return rng.choices(surnames, cum_weights=weights)[0]


class Lineages:
    """The few surnames most families of a village bear."""

    def __init__(self, rng: Random):
        self.own = [any_surname(rng) for _ in range(rng.choice((1, 2, 2, 3)))]

    def surname(self, rng: Random) -> str:
        return rng.choice(self.own) if rng.random() < LINEAGE_SHARE else any_surname(rng)


def given_name(rng: Random, sex: str) -> str:
    """One character or two; two are often a generation's character and one's own."""
    single, double = _given_names()[sex]
    kind = rng.random()
    if kind < 0.002:
        return rng.choice(single) + rng.choice(RARE_CHARACTERS)
    if kind < 0.70:
        return rng.choice(GENERATION_CHARACTERS[sex]) + rng.choice(single)
    return rng.choice(double) if kind < 0.85 else rng.choice(single)

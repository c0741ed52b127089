"""Rules of money as data: who pays what in each programme (`funding.yaml`), and dated numbers that none of the
documents prints (`timing.yaml`). Read strictly, once; a file that does not fit stops the product with a sentence."""
import datetime
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from funds.states import Source, VillageHelper

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Standard:
    """A sum per person over the whole programme. `counts`: labour or all; `persons`: where the document counts its own."""

    number: str
    counts: str
    persons: str | None
    clause: str


@dataclass(frozen=True)
class Printed:
    """A sum that the document itself works out. `payers`: whose share it is (none: all); `yearly`: of one year."""

    number: str
    payers: tuple[str, ...] = ()
    yearly: bool = False


@dataclass(frozen=True)
class Yearly:
    """A sum due every year from one payer; `years_number` says for how many years (None: as long as the programme)."""

    key: str
    number: str
    years_number: str | None
    payer: str
    kind: str
    label: str
    uses: tuple[str, ...]


@dataclass(frozen=True)
class PerVillage:
    """A sum per village and year. `helped_by`: helper of the village -> payer; `entered`: the amount may be entered."""

    label: str
    clause: str
    helped_by: dict[str, str]
    entered: bool
    number_poor: str | None
    number_ordinary: str | None


@dataclass(frozen=True)
class Funding:
    """All rules of one programme. `payers`: party of a `share_…` number -> source, in the document's order; `together`:
    sources that take their weights as one and divide that part among themselves."""

    payers: dict[str, str]
    together: tuple[str, ...]
    printed: tuple[Printed, ...]
    standard: Standard | None
    yearly: tuple[Yearly, ...]
    villages: PerVillage | None
    uses: tuple[str, ...]
    uses_clause: str

    def names(self, use: str) -> bool:
        """Whether the document itself names this use of money, of its own or of one of its special lines."""
        return use in self.uses or any(use in one.uses for one in self.yearly)


@dataclass(frozen=True)
class Timing:
    """A dated number that is not in the documents, with where it comes from and how far that was read."""

    value: int
    unit: str
    effective_from: datetime.date
    confidence: str
    label: str
    source: str


def _read(name: str) -> dict:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@cache
def _programmes() -> dict[str, Funding]:
    found = {key: _funding(entry) for key, entry in _read("funding.yaml").items()}
    for key, funding in found.items():
        paying = [*funding.payers.values(), *(one.payer for one in funding.yearly),
                  *(funding.villages.helped_by.values() if funding.villages else ())]
        helpers = funding.villages.helped_by if funding.villages else ()
        if unknown := (set(paying) - set(Source.values)) | (set(helpers) - set(VillageHelper.values)):
            raise ValueError(f"funding.yaml {key}：不认识的出资方或帮扶级别 {sorted(unknown)}")
    return found


def _funding(entry: dict) -> Funding:
    return Funding(
        payers=entry["payers"], together=tuple(entry["payers"][party] for party in entry.get("together", ())),
        printed=tuple(Printed(**{**one, "payers": tuple(one.get("payers", ()))}) for one in entry.get("printed", ())),
        standard=Standard(**entry["standard"]) if entry["standard"] else None,
        yearly=tuple(Yearly(**{**one, "uses": tuple(one["uses"])}) for one in entry["yearly"]),
        villages=PerVillage(**entry["villages"]) if entry["villages"] else None, uses=tuple(entry["uses"]),
        uses_clause=entry["uses_clause"])


NOTHING = Funding(payers={}, together=(), printed=(), standard=None, yearly=(), villages=None, uses=(), uses_clause="")


def funding(programme_key: str) -> Funding:
    """The rules of a programme; of one without an entry: none."""
    return _programmes().get(programme_key, NOTHING)


@cache
def _timings() -> dict[str, list[Timing]]:
    return {key: sorted((Timing(**one) for one in entries), key=lambda one: one.effective_from)
            for key, entries in _read("timing.yaml").items()}


def timings(key: str) -> list[Timing]:
    """All numbers of a key, the earliest first. KeyError for an unknown key."""
    return list(_timings()[key])


def timing(key: str, on: datetime.date) -> Timing:
    """The number in force on a day. KeyError for an unknown key, LookupError before its first date."""
    in_force = [one for one in _timings()[key] if one.effective_from <= on]
    if not in_force:
        raise LookupError(f"{key} is not set for {on}")
    return in_force[-1]

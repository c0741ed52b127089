"""What is to be public, watched and recorded about the money, with the clause that says so (`duties.yaml`)."""
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from office.models import Area, Programme, code_range


@dataclass(frozen=True)
class Source:
    """Where a duty is written: the programme's clause, or a text outside the five documents and how far it was read."""

    clause: str
    quote: str
    confidence: str = "high"


@dataclass(frozen=True)
class Duty:
    """`clauses`: programme key -> where it says so; `otherwise` holds where none does."""

    key: str
    label: str
    sentence: str
    clauses: dict[str, Source]
    otherwise: Source | None


@cache
def _duties() -> dict[str, Duty]:
    entries = yaml.safe_load((Path(__file__).parent / "duties.yaml").read_text(encoding="utf-8"))
    return {key: Duty(
        key=key, label=entry["label"], sentence=entry["sentence"],
        clauses={name: Source(**clause) for name, clause in entry["clauses"].items()},
        otherwise=Source(clause=entry["otherwise"]["source"], quote="", confidence=entry["otherwise"]["confidence"])
        if entry["otherwise"] else None) for key, entry in entries.items()}


def duty(key: str) -> Duty:
    """The duty; KeyError for an unknown key."""
    return _duties()[key]


@dataclass(frozen=True)
class Basis:
    """One line under a list: which document asks for this here, in its own words."""

    document: str
    clause: str
    quote: str = ""
    programme: str = ""
    practice: bool = False          # as offices work; the text itself was not read


def bases(key: str, area: Area) -> list[Basis]:
    """Every document in force for the area, for places above it and inside it, that asks for the duty; else what is
    usual, if anything. An empty list: nothing that applies here asks for it."""
    asked = duty(key)
    low, high = code_range(area.pk)
    found = []
    for programme in Programme.objects.filter(pk__in=asked.clauses).order_by("issued_on", "key"):
        lo, hi = code_range(programme.area_id)
        if lo <= area.pk < hi or low <= programme.area_id < high:
            source = asked.clauses[programme.pk]
            found.append(Basis(programme.document_number, source.clause, source.quote, programme.pk))
    if not found and asked.otherwise:
        found.append(Basis(asked.otherwise.clause, "参照", practice=asked.otherwise.confidence == "practice"))
    return found

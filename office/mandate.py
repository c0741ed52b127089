"""Numbers in force: which line applied in a year, how it came about, and what was known by when.

A line is ratio × months × statistic of that year (decimal, never rounded); a document's own printed line counts for a
forecast. Statistics are never carried forward: a year without its figure has no line, and the error says what is missing.
"""
import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db.models import Q

from office.models import Area, PolicyNumber, Programme, Statistic
from office.models.statistic import Basis, StatisticKey
from office.money import round_half_up

# Lines are compared as whole millionths of a fen: statistics have up to 4 decimals of a yuan, ratios up to 4.
FEN_SCALE = 10 ** 6


class MissingStatistic(LookupError):
    """A figure that a line needs is not there (or was not known yet); the message names it."""


@dataclass(frozen=True)
class LineInForce:
    """One line of a programme in one year, with everything needed to explain it.

    `value` is yuan per person and year, exact (a village line: per villager). `ratio`, `months`, `statistic*` say how
    it came about; for a line printed in the document `printed` is true and they are as the document implies.
    """

    key: str
    label: str
    subject: str            # household | village
    residence: str          # any | rural | urban
    year: int
    basis: str
    value: Decimal
    printed: bool
    ratio: Decimal
    months: int
    statistic: str
    statistic_area: str
    statistic_area_name: str
    statistic_value: Decimal | None
    known_on: datetime.date
    source: str
    clause: str
    quote: str
    document: str

    @property
    def scaled(self) -> int:
        """The line in millionths of a fen, exact."""
        scaled = self.value * 100 * FEN_SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self.label} {self.value} has more decimals than a line can hold")
        return int(scaled)

    @property
    def shown(self) -> Decimal:
        """The line rounded half up to the fen, for show only."""
        return round_half_up(self.value, 2)

    @property
    def statistic_label(self) -> str:
        return StatisticKey(self.statistic).label.partition("（")[0]

    @property
    def derivation(self) -> str:
        """How the line came about, in one Chinese sentence."""
        percent = f"{(self.ratio * 100).normalize():f}%"
        if self.printed:
            return f"文件印定的{self.year}年预测线 {self.value.normalize():f} 元（{percent}）"
        factor = f"12个月 × {self.statistic_value:f}" if self.months == 12 else f"{self.statistic_value:f}"
        kind = "" if self.basis == Basis.ACTUAL else "（预测数）"
        figure = f"{self.statistic_area_name}{self.year}年{self.statistic_label}{kind}"
        return f"{figure} {factor} 元 × {percent} = {self.value.normalize():f} 元"

    def as_json(self) -> dict:
        return {key: str(value) if isinstance(value, Decimal | datetime.date) else value
                for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, content: dict) -> "LineInForce":
        made = dict(content)
        for key in ("value", "ratio", "statistic_value"):
            made[key] = None if made[key] is None else Decimal(made[key])
        made["known_on"] = datetime.date.fromisoformat(made["known_on"])
        return cls(**made)


def lines_in_force(programme: Programme, year: int, basis: str = Basis.ACTUAL,
                   known_by: datetime.date | None = None) -> list[LineInForce]:
    """All lines of the programme for the year, from figures known on `known_by` (None: all there are).

    Raises MissingStatistic naming every figure that is not there.
    """
    found, missing = [], []
    for rule in programme.body["lines"]:
        line = _printed(programme, rule, year, known_by) if basis == Basis.FORECAST else None
        line = line or _derived(programme, rule, year, basis, known_by)
        if line is None:
            missing.append(_missing_sentence(rule, year, basis, known_by))
        else:
            found.append(line)
    if missing:
        raise MissingStatistic("；".join(dict.fromkeys(missing)) + "。请在“统计数”页录入或用 load_statistics 载入后再计算")
    return found


def _common(programme: Programme, rule: dict, year: int, basis: str) -> dict:
    return {"key": rule["key"], "label": rule["label"], "subject": rule["subject"], "residence": rule["residence"],
            "year": year, "basis": str(basis), "ratio": Decimal(rule["ratio"]), "months": rule["months"],
            "statistic": rule["statistic"], "statistic_area": rule["statistic_area"],
            "statistic_area_name": _area_name(rule["statistic_area"]), "document": programme.document_number}


def _printed(programme: Programme, rule: dict, year: int, known_by) -> LineInForce | None:
    for printed in rule["printed"]:
        known_on = datetime.date.fromisoformat(printed["known_on"])
        if printed["year"] == year and (known_by is None or known_on <= known_by):
            return LineInForce(**_common(programme, rule, year, Basis.FORECAST), value=Decimal(printed["value"]),
                               printed=True, statistic_value=None, known_on=known_on,
                               source=f"{programme.document_number} {printed['clause']}", clause=printed["clause"],
                               quote=printed["quote"])
    return None


def _derived(programme: Programme, rule: dict, year: int, basis: str, known_by) -> LineInForce | None:
    figure = figure_known(rule["statistic"], rule["statistic_area"], year, basis, known_by)
    if figure is None:
        return None
    common = _common(programme, rule, year, basis)
    return LineInForce(**common, value=common["ratio"] * rule["months"] * figure.value, printed=False,
                       statistic_value=figure.value.normalize() if figure.value % 1 else figure.value.quantize(Decimal(1)),
                       known_on=figure.known_on, source=figure.source, clause=rule["clause"], quote=rule["quote"])


def figure_known(key: str, area_code: str, year: int, basis: str, known_by=None) -> Statistic | None:
    """The figure of exactly this area and year; of several known by the day, the one known last."""
    figures = Statistic.objects.filter(key=key, area_id=area_code, year=year, basis=basis)
    if known_by is not None:
        figures = figures.filter(known_on__lte=known_by)
    return figures.order_by("-known_on").first()


def _missing_sentence(rule: dict, year: int, basis: str, known_by) -> str:
    when = f"，且须在{known_by:%Y-%m-%d}以前公布" if known_by else ""
    return (f"缺少统计数：{_area_name(rule['statistic_area'])}（{rule['statistic_area']}）{year}年"
            f"{StatisticKey(rule['statistic']).label}（{rule['statistic']}，{Basis(basis).label} {basis}）{when}")


def _area_name(code: str) -> str:
    return Area.objects.filter(pk=code).values_list("name", flat=True).first() or code


def policy_number(programme: Programme, key: str, on: datetime.date) -> PolicyNumber | None:
    """The policy number in force on a day: the latest that began by then. Its value may be None (not printed)."""
    return programme.numbers.filter(Q(key=key), effective_from__lte=on).order_by("-effective_from").first()


def programmes_using(statistic: Statistic) -> Iterable[Programme]:
    """Programmes one of whose lines rests on this figure."""
    for programme in Programme.objects.all():
        if any((rule["statistic"], rule["statistic_area"]) == (statistic.key, statistic.area_id)
               for rule in programme.body["lines"]):
            yield programme

"""Why a household has its status: read from the stored result and the numbers its run froze, nothing is judged again."""
from dataclasses import dataclass
from decimal import Decimal

from assessment.models import Result, Run, State, VillageResult
from assessment.summaries import CRITERIA
from households.codes import Category, Residence
from office.mandate import LineInForce
from office.money import from_fen, grouped, round_half_up

FACT_WORDS = {"food": "不愁吃", "clothing": "不愁穿", "education": "义务教育有保障", "medical": "基本医疗有保障",
              "housing": "住房安全有保障"}


@dataclass(frozen=True)
class CriterionView:
    """One criterion as a person reads it; `figure`, `line` and `derivation` are Chinese texts, empty when there is none."""

    key: str
    label: str
    state: int
    state_label: str
    figure: str
    line: str
    derivation: str
    clause: str
    quote: str
    document: str
    source: str = ""

    @property
    def subject(self) -> str:
        """What the criterion is about, to be followed by a state: 收入, 低保兜底, 住房安全."""
        return str(Result._meta.get_field(self.key).verbose_name)


@dataclass(frozen=True)
class Explanation:
    """Status of one household (or village) in one run, with every criterion."""

    met: bool
    criteria: list[CriterionView]

    @property
    def open_points(self) -> list[CriterionView]:
        """What stands against the status: criteria not met or unknown."""
        return [c for c in self.criteria if c.state in (State.NOT_MET, State.UNKNOWN)]

    @property
    def sentence(self) -> str:
        if self.met:
            return "各项条件均已达标"
        words = [f"{c.subject}{'待核' if c.state == State.UNKNOWN else '未达标'}" for c in self.open_points]
        return "、".join(words)


def explain(result: Result) -> Explanation:
    """Every criterion of the programme for this household, in the programme's order."""
    run = result.run
    rules = {c["key"]: c for c in run.programme.body["criteria"]}
    lines = [LineInForce.from_json(number) for number in run.numbers]
    views = [_view(result, run, key, rules[key], lines) for key in CRITERIA if key in rules]
    return Explanation(result.met, views)


def explain_village(result: VillageResult) -> Explanation:
    """The income criterion of a relatively poor village."""
    line = line_for([LineInForce.from_json(n) for n in result.run.numbers], "village")
    figure = "未填报" if result.pc_disposable_income is None else f"{_yuan(result.pc_disposable_income)} 元"
    view = CriterionView(
        "income", "村民人均可支配收入", result.income, State(result.income).label, figure, f"{grouped(line.shown)} 元",
        line.derivation, line.clause, line.quote, line.document, line.source)
    return Explanation(result.met, [view])


def line_for(lines: list[LineInForce], subject: str, residence: str = Residence.RURAL) -> LineInForce | None:
    """The line that applies to a subject of this residence; None where the document sets none."""
    for line in lines:
        if line.subject == subject and line.residence in ("any", residence):
            return line
    return None


def income_per_head(result: Result) -> Decimal | None:
    """Net income per active member in yuan, rounded half up to the fen; for show, never for comparison."""
    return round_half_up(from_fen(result.net_income) / result.members) if result.members else None


def gap_per_head(result: Result, line: LineInForce) -> Decimal | None:
    """Yuan per head above (+) or below (−) the line, for show; an exact zero means on the line."""
    if not result.members:
        return None
    return round_half_up(from_fen(result.net_income) / result.members - line.value)


def _view(result: Result, run: Run, key: str, rule: dict, lines: list[LineInForce]) -> CriterionView:
    state = getattr(result, key)
    figure, line_text, derivation, source = _figure(result, state), "", "", ""
    clause, quote = rule["clause"], rule["quote"]
    if key == "income":
        line = line_for(lines, "household", result.residence)
        figure, line_text, derivation, source = _income_texts(result, line)
        clause, quote = line.clause, line.quote
    elif key == "dibao":
        figure = _dibao_figure(result, state)
    elif key == "education" and state == State.NOT_APPLICABLE:
        figure = f"{run.year}年12月31日没有6—15周岁的在册成员"
    elif key == "education":
        figure = f"{figure}（6—15周岁 {result.school_age_members} 人）"
    return CriterionView(key, rule["label"], state, State(state).label, figure, line_text, derivation, clause, quote,
                         run.programme.document_number, source)


def _figure(result: Result, state: int) -> str:
    return {State.MET: "登记为“是”", State.NOT_MET: "登记为“否”", State.UNKNOWN: "未填报，请入户核实后补录",
            State.NOT_APPLICABLE: "不适用"}[State(state)]


def _income_texts(result: Result, line: LineInForce) -> tuple[str, str, str, str]:
    if result.income == State.NOT_APPLICABLE:
        return "无劳动能力户，不按收入线考核", "", "", ""
    figure = (f"净收入 {_yuan(result.net_income)} 元 ÷ {result.members} 人 = 人均 "
              f"{grouped(income_per_head(result)) if result.members else '—'} 元")
    return figure, f"{grouped(line.shown)} 元", line.derivation, line.source


def _dibao_figure(result: Result, state: int) -> str:
    if state == State.NOT_APPLICABLE:
        return "有劳动能力户，按收入线考核"
    if result.category != Category.ORDINARY:
        return f"{Category(result.category).label}，已纳入"
    return {State.MET: "已纳入低保", State.NOT_MET: "未纳入低保", State.UNKNOWN: "是否纳入低保未填报，请核实后补录"}[State(state)]


def _yuan(fen: int) -> str:
    return grouped(from_fen(fen))

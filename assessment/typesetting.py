"""Chinese line breaking on the grid of GB/T 9704-2012, as pure functions over text and character widths.

A page of an official document is 28 full-width characters wide. The layout engine justifies lines only at spaces, which
Chinese has not, so lines are broken here, and each says by how much its characters are set apart to fill the measure.
Widths are in em (1.0 = one full-width character); `advance` tells the width of a character, so that the metrics of the
font in use stay outside.
"""
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

Advance = Callable[[str], float]

# GB/T 15834-2011, 5.1: closing marks never begin a line, opening marks never end one; 间隔号 does neither.
NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’％‰·．～,.;:!?)]}%")
NOT_LAST = frozenset("（《〈「『【〔“‘·([{￥¥＋－")
# A number with its sign, decimals and percent sign, a Latin word, a dash or an ellipsis is never torn apart.
_TOKEN = re.compile(r"[+\-]?[0-9][0-9A-Za-z.,:/\-]*[%‰]?|[A-Za-z][0-9A-Za-z.\-/]*|——|……|.", re.S)
_LONGEST_TOKEN = 14  # in characters; longer ones (web addresses) may be torn rather than leave a gaping line
# How far beyond the measure a line may be and still be squeezed into it, as a share of the measure. A 29th full-width
# character is 3.6 % and therefore always goes to the next line; half a digit's width is squeezed in.
_SQUEEZE = 0.02
# Words that a title line should not cut.
_TITLE_WORDS = (
    "关于 通报 情况 进展 工作 精准扶贫 精准脱贫 脱贫攻坚 扶贫 脱贫 开发 领导小组 办公室 人民政府 委员会 季度 "
    "第一 第二 第三 第四 年度 半年 报告 全市 全县 全区 建档立卡 相对贫困村 相对贫困户 分散贫困户 相对 贫困村 贫困户 "
    "贫困 达标 收入 公开 指标 进度 完成 任务 考核 督查 整改 落实 资金 项目 住房 教育 医疗 保障 退出 动态 管理"
).split()


@dataclass(frozen=True)
class Line:
    """One line of text and the space, in em, put between neighbouring characters (negative: drawn together)."""

    text: str
    spacing: float


def width(text: str, advance: Advance) -> float:
    """Natural width of a text in em."""
    return sum(advance(char) for char in text)


def clusters(text: str) -> list[str]:
    """The text cut wherever a line may end, and nowhere else."""
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        tokens.extend(token if len(token) > _LONGEST_TOKEN else (token,))
    joined: list[str] = []
    for token in tokens:
        if joined and (token[0] in NOT_FIRST or joined[-1][-1] in NOT_LAST):
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def break_lines(text: str, *, measure: float, cell: float, advance: Advance, indent: float = 0) -> tuple[Line, ...]:
    """Break a paragraph into justified lines.

    `measure` is the line's width in em, `cell` the width a full-width character takes on the grid (28 of them fill the
    measure), `indent` what the first line is short of, in cells. The last line is set on the grid, not justified.
    """
    grid = cell - 1  # what the grid adds to (takes from) each character
    lines: list[Line] = []
    current, used, room = "", 0.0, measure - indent * cell
    for cluster in clusters(text):
        extent = width(cluster, advance)
        total = used + extent + (len(current) + len(cluster)) * grid
        if current and total > room + 1e-6:
            short = room - used - len(current) * grid
            if total <= room + _SQUEEZE * measure and total - room < short:
                current, used, cluster = current + cluster, used + extent, ""
            lines.append(Line(current, _fill(current, used, room, grid)))
            current, used, room = "", 0.0, measure
            cluster = cluster.lstrip(" ")
            extent = width(cluster, advance)
        current, used = current + cluster, used + extent
    if current:
        # A paragraph may end in a line that was meant to be squeezed; it must not stick out either.
        lines.append(Line(current, min(grid, _fill(current, used, room, grid))))
    return tuple(lines)


def _fill(text: str, natural: float, room: float, grid: float) -> float:
    return (room - natural) / (len(text) - 1) if len(text) > 1 else grid


def balance(title: str, *, per_line: float, advance: Advance) -> tuple[str, ...]:
    """Break a title into the fewest lines that look like a trapezium or a lozenge (GB/T 9704-2012, 7.3.1).

    `per_line` is the widest a line may be, in em. Breaks given in the text are kept. Lines of equal length, an
    hour-glass and torn words are avoided.
    """
    if "\n" in title:
        return tuple(part.strip() for part in title.splitlines() if part.strip())
    units = _title_units(title)
    total = width(title, advance)
    if total <= per_line:
        return (title,)
    for count in range(2, len(units) + 1):
        best: tuple[float, tuple[str, ...]] | None = None
        for cuts in combinations(range(1, len(units)), count - 1):
            edges = (0, *cuts, len(units))
            lines = tuple("".join(units[start:end]) for start, end in zip(edges, edges[1:], strict=False))
            widths = [width(line, advance) for line in lines]
            if max(widths) > per_line:
                continue
            rank = _ugliness(lines, widths)
            if best is None or rank < best[0]:
                best = (rank, lines)
        if best:
            return best[1]
    return (title,)


def _title_units(title: str) -> list[str]:
    """Clusters of a title, with whole words, 年月, and 的 kept together with what they belong to."""
    cut = {0, len(title)}
    position = 0
    for cluster in clusters(title):
        cut.add(position)
        position += len(cluster)
    for word in _TITLE_WORDS:
        for match in re.finditer(word, title):
            cut -= set(range(match.start() + 1, match.end()))
    for match in re.finditer(r"\d[年月日]|.的|第.", title):
        cut -= set(range(match.start() + 1, match.end()))
    edges = sorted(cut)
    return [title[start:end] for start, end in zip(edges, edges[1:], strict=False)]


def _ugliness(lines: tuple[str, ...], widths: list[float]) -> float:
    """The lower the better: lines stepped by about two characters, never waisted, no stub at the end."""
    spread = max(widths) - min(widths)
    cost = abs(spread - 2.0)
    if spread < 0.75:
        cost += 3
    if len(widths) >= 3 and any(widths[i] < min(widths[i - 1], widths[i + 1]) for i in range(1, len(widths) - 1)):
        cost += 12
    if len(lines[-1]) <= 3:
        cost += 8
    cost += sum(6 if line.startswith("的") else 1 if line.startswith(("和", "与", "及", "暨")) else 0 for line in lines)
    return cost


def chinese_number(value: int) -> str:
    """1 → 一, 12 → 十二, 30 → 三十; for numbering headings, 1 to 99."""
    if not 1 <= value <= 99:
        raise ValueError(f"标题序号应当在1至99之间：{value}")
    digits = "零一二三四五六七八九"
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones else "")

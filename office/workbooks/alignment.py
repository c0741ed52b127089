"""Compares two lists of rows by their digests: which rows were changed, added, removed or moved. Pure."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

What = Literal["changed", "added", "removed", "moved"]


class Difference(NamedTuple):
    """One row that is not as it was; positions count from 0, None where the row does not exist."""

    what: What
    before: int | None
    now: int | None


Likeness = Callable[[int, int], int]
MAX_PAIRS = 4096
"""Up to this many pairs of rows between two that stayed are compared to find which row became which."""


def compare(before: Sequence[bytes], now: Sequence[bytes], likeness: Likeness) -> list[Difference]:
    """What happened to the rows, in the order of the sheet as it is now.

    Rows that are still there in their order are kept as many as possible; of what lies between two of them as many
    pairs as possible are the same row changed, those most alike by `likeness(before, now)`; the rest was added or removed.
    """
    start, shorter = 0, min(len(before), len(now))
    while start < shorter and before[start] == now[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == now[-1 - end]:
        end += 1
    matched = _matched(before, now, start, len(before) - end, len(now) - end)
    kept = _longest_rising([(place, matched[place]) for place in sorted(matched)])
    at_home = {place: origin for place, origin in matched.items() if place == origin}
    if len(at_home) >= len(kept):   # rows between two that were exchanged stayed where they were
        kept = at_home
    moved = {place: origin for place, origin in matched.items() if kept.get(place) != origin}
    for place, origin in list(moved.items()):
        if kept.get(origin) == place:      # two rows exchanged: both are named
            moved[origin] = kept.pop(origin)
    gone = set(moved.values())
    differences: list[Difference] = []
    left, right = start, start
    for place, origin in [*sorted(kept.items()), (len(now) - end, len(before) - end)]:
        differences.extend(_between(
            [row for row in range(left, origin) if row not in gone], list(range(right, place)), moved, likeness))
        left, right = origin + 1, place + 1
    return differences


def _matched(before: Sequence[bytes], now: Sequence[bytes], start: int, before_end: int, now_end: int) -> dict[int, int]:
    """Rows that are there now and were there before, wherever; of equal rows the first is taken for the first."""
    places: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for row in range(start, before_end):
        places[before[row]].append(row)
    return {row: places[now[row]].popleft() for row in range(start, now_end) if places.get(now[row])}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The most pairs whose second parts rise; n log n."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for index, (_, origin) in enumerate(pairs):
        at = bisect_left(tails, origin)
        previous.append(ends[at - 1] if at else -1)
        tails[at:at + 1] = [origin]
        ends[at:at + 1] = [index]
    kept = {}
    index = ends[-1] if ends else -1
    while index >= 0:
        kept[pairs[index][0]] = pairs[index][1]
        index = previous[index]
    return kept


def _between(gone: list[int], new: list[int], moved: dict[int, int], likeness: Likeness) -> Iterator[Difference]:
    """The rows between two that stayed."""
    partner = _pairs(gone, [row for row in new if row not in moved], likeness)
    waiting = deque(gone)
    for row in new:
        if row in moved:
            yield Difference("moved", moved[row], row)
        elif row in partner:
            while waiting[0] != partner[row]:
                yield Difference("removed", waiting.popleft(), None)
            yield Difference("changed", waiting.popleft(), row)
        else:
            yield Difference("added", None, row)
    for row in waiting:
        yield Difference("removed", row, None)


def _pairs(gone: list[int], new: list[int], likeness: Likeness) -> dict[int, int]:
    """New row to the row it was before, both in order, alike as much as possible in all."""
    if len(gone) == len(new) or len(gone) * len(new) > MAX_PAIRS:
        return dict(zip(new, gone, strict=False))
    best = [[0] * (len(new) + 1) for _ in range(len(gone) + 1)]
    alike = [[1 + likeness(old, row) for row in new] for old in gone]   # any pair is better than none
    for i in range(len(gone) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            best[i][j] = max(alike[i][j] + best[i + 1][j + 1], best[i + 1][j], best[i][j + 1])
    pairs, i, j = {}, 0, 0
    while i < len(gone) and j < len(new):
        if best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs[new[j]] = gone[i]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs

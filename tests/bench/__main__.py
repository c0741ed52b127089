"""`python -m tests.bench [assess|import|export|pages|bulletin …] [--size …]`; bin/bench starts it with a server."""
import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from unicodedata import east_asian_width

from tests.bench.benchmarks import BENCHMARKS, Bench, smaller
from tests.bench.databases import Databases
from tests.bench.rounds import Failed, Figure
from tests.bench.sizes import SIZES

HEADINGS = ("benchmark", "size", "households", "seconds", "floor", "floor s", "ratio", "bound", "peak MB", "growth", "")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="在同一台机器、同一份数据上，把产品与各自的下限并排测量。")
    parser.add_argument("names", nargs="*", metavar="|".join(BENCHMARKS), help="默认全部")
    parser.add_argument("--size", choices=SIZES, help="数据量；默认：考核和页面按市，导入、导出按县")
    asked = parser.parse_args(argv)
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"没有名为 {'、'.join(sorted(unknown))} 的测量，可用：{'、'.join(BENCHMARKS)}")
    databases = Databases()
    figures: list[Figure] = []
    failed = 0
    with tempfile.TemporaryDirectory(prefix="povertyapp-bench-") as folder:
        bench = Bench(databases, Path(folder))
        for name in asked.names or BENCHMARKS:
            measure, usual, grows = BENCHMARKS[name]
            size = SIZES[asked.size or usual]
            before = smaller(size) if grows else None
            try:
                for one in filter(None, (before, size)):
                    print(f"测量 {name}（{one.name}）… / measuring", flush=True)
                    figures += measure(bench, one)
            except Failed as failure:
                failed += 1
                print(f"! {name} 没有测成 / not measured: {failure}", file=sys.stderr, flush=True)
            keep(figures)
    show(figures)
    return 1 if failed else 0


def keep(figures: list[Figure]) -> None:
    """Write what is measured so far, so that a run that is stopped leaves its figures."""
    folder = Path(os.environ.get("POVERTYAPP_VAR") or "var")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps([figure.as_json() for figure in figures], ensure_ascii=False, indent=1))


def show(figures: list[Figure]) -> None:
    """The table: medians, ratios, whether the bound holds, peak memory and its growth over the line of the size before."""
    rows = [HEADINGS]
    earlier: dict[str, Figure] = {}
    for figure in figures:
        before = earlier.get(figure.name)
        bound = [f"≤ {figure.bound:g}"] if figure.bound else []
        bound += [f"≤ {figure.limit * 1000:.0f} ms"] if figure.limit else []
        verdict = {True: " 达到", False: " 未达到", None: ""}[figure.reached]
        seconds = f"{figure.seconds * 1000:.1f} ms" if figure.limit else f"{figure.seconds:.2f}"
        floor = f"{figure.floor_seconds * 1000:.1f} ms" if figure.limit else f"{figure.floor_seconds:.2f}"
        rows.append((figure.name, figure.size, f"{figure.households:,}", seconds, figure.floor, floor,
                     f"{figure.ratio:.2f}", "".join(bound) + verdict, f"{figure.peak_mb:.0f}",
                     f"{figure.peak_mb - before.peak_mb:+.0f}" if before else "", figure.note))
        earlier[figure.name] = figure
    widths = [max(width(row[place]) for row in rows) for place in range(len(HEADINGS))]
    for row in rows:
        print("  ".join(text + " " * (size - width(text)) for text, size in zip(row, widths, strict=True)).rstrip())


def width(text: str) -> int:
    """Columns a text takes on a terminal."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

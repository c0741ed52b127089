"""The benchmarks: each measures one thing at a size and gives lines of the table."""
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.bench import ledger
from tests.bench.databases import Databases
from tests.bench.rounds import Failed, Figure, alternate, child
from tests.bench.sizes import SIZES, Size

ASSESS_BOUND, IMPORT_BOUND, BULLETIN_BOUND, PAGE_SECONDS = 1.5, 4.0, 1.3, 0.2
BULLETIN_ROUNDS = 5


class Bench:
    """What the benchmarks share: the databases and a folder for files."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self.databases, self.folder = databases, folder

    def assess(self, size: Size) -> list[Figure]:
        """Facts, results and summaries of every household against one INSERT … SELECT."""
        database = self.databases.filled(size)
        shares = [asdict(share) for share in size.shares]
        child("assess", "table", database)
        runs: list[int] = []

        def product() -> dict:
            made = child("assess", "product", database, shares=shares)
            runs[:] = made["runs"]
            return made

        figure = self._figure("assess", size, alternate(
            product, lambda: child("assess", "floor", database, runs=runs), size.rounds),
            "one INSERT … SELECT", bound=ASSESS_BOUND if size.households >= SIZES["city"].households else None)
        if differing := child("assess", "differences", database, runs=runs)["rows"]:
            raise Failed(f"the floor judged {differing} rows otherwise than the product")
        return [figure]

    def import_(self, size: Size) -> list[Figure]:
        """A workbook into an empty register against calamine and COPY."""
        share, path, rows = size.workbook, str(self.folder / f"{size.name}.xlsx"), str(self.folder / f"rows-{size.name}")
        made = child("prepare", "workbook", self.databases.empty(), share=asdict(share), path=path)

        def product(then: Callable[[str], dict] | None = None) -> dict:
            with self.databases.fresh() as database:
                answer = child("register_in", "product", database, path=path, programme=share.programme)
                if then:
                    then(database)
                return answer

        def floor() -> dict:
            with self.databases.fresh() as database:
                return child("register_in", "floor", database, path=path, folder=rows)

        product(lambda database: child("register_in", "keep", database, folder=rows))
        return [self._figure(
            "import", size, alternate(product, floor, size.rounds, warm_up=False), "calamine + COPY",
            bound=IMPORT_BOUND if size.households >= SIZES["county"].households else None,
            households=made["households"], note=f"{made['members']:,} persons")]

    def export(self, size: Size) -> list[Figure]:
        """The register as a workbook against XlsxWriter writing the same cells."""
        database, programme = self.databases.filled(size), size.shares[0].programme
        path = self.folder / f"export-{size.name}.xlsx"
        made = child("register_out", "product", database, programme=programme, area=size.sent, path=str(path))
        times = alternate(
            lambda: child("register_out", "product", database, programme=programme, area=size.sent,
                          path=str(path.with_suffix(".again.xlsx"))),
            lambda: child("register_out", "floor", database, source=str(path), path=str(path.with_suffix(".floor.xlsx"))),
            size.rounds, warm_up=False)
        return [self._figure("export", size, times, "XlsxWriter, same cells", households=made["households"])]

    def pages(self, size: Size) -> list[Figure]:
        """Pages an officer opens all day, each against an empty page behind the login; with money of one county."""
        database = self.databases.own(size, "bench_pages")
        child("ledger", "ready", database, area=size.sent, batches=1)
        child("ledger", "pay", database)
        child("pages", "ready", database, key=size.shares[0].programme)
        asked = child("pages", "product", database)
        return [Figure(f"pages: {name}", size.name, size.households, found["seconds"], "empty page behind login",
                       found["floor_seconds"], asked["peak_mb"], limit=PAGE_SECONDS, note=f"{found['queries']} queries")
                for name, found in asked["pages"].items()]

    def bulletin(self, size: Size) -> list[Figure]:
        """A bulletin of six and of ten pages against WeasyPrint alone; the register's size does not matter."""
        figures = []
        for pages in (6, 10):
            fitted, html = child("bulletin", "fitted", self.databases.empty(), pages=pages), self.folder / f"{pages}.html"
            rows = fitted["rows"]
            child("bulletin", "keep", self.databases.empty(), rows=rows, path=str(html))
            times = alternate(lambda rows=rows: child("bulletin", "product", self.databases.empty(), rows=rows),
                              lambda html=html: child("bulletin", "floor", self.databases.empty(), path=str(html)),
                              BULLETIN_ROUNDS)
            figures.append(self._figure("bulletin", size, times, "WeasyPrint, same HTML", bound=BULLETIN_BOUND, households=0,
                                        note=f"{fitted['pages']} pages"))
        return figures

    def ledger(self, size: Size) -> list[Figure]:
        """Money posted, exported, summed up and checked, against COPY, XlsxWriter, plain SQL and SHA-256 alone."""
        return ledger.measure(self.databases, self.folder, size)

    @staticmethod
    def _figure(name: str, size: Size, times: tuple[float, float, float], floor: str, *, bound: float | None = None,
                households: int | None = None, note: str = "") -> Figure:
        seconds, floor_seconds, peak = times
        return Figure(name, size.name, size.households if households is None else households, seconds, floor,
                      floor_seconds, peak, bound=bound, note=note)


# Name on the command line: method, size when none is asked for, whether a smaller size shows what grows.
BENCHMARKS: dict[str, tuple[Callable[[Bench, Size], list[Figure]], str, bool]] = {
    "assess": (Bench.assess, "city", True),
    "import": (Bench.import_, "county", True),
    "export": (Bench.export, "county", True),
    "pages": (Bench.pages, "city", True),
    "bulletin": (Bench.bulletin, "county", False),
    "ledger": (Bench.ledger, "county", True),
}


def smaller(size: Size) -> Size | None:
    return SIZES[size.smaller] if size.smaller else None

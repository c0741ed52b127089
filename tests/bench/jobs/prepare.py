"""Makes what is measured on: an installation, a made-up register in it, and a workbook of one."""
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from assessment.demo import fill, plan
from assessment.demo.register import village_register
from assessment.demo.setting import village_lines
from assessment.demo.villages import village_years
from households.columns import HOUSEHOLDS, MEMBERS, SHEETS, VILLAGES
from office.registers import load_everything
from office.workbooks import SheetSpec, write_tables
from tests.bench.jobs import answer
from tests.bench.sizes import YEAR

SEED = 1


def installation() -> dict:
    """Tables, areas, programmes and official figures."""
    call_command("migrate", verbosity=0)
    load_everything()
    return {}


def register(shares: list[dict]) -> dict:
    """Households of one year in each area; the same every time."""
    made = [fill(share["area"], share["households"], SEED, (YEAR,), progress=_say) for share in shares]
    with connection.cursor() as cursor:     # as the server's own housekeeping leaves tables some minutes after a load
        cursor.execute("VACUUM ANALYZE")
    return {name: sum(one[name] for one in made) for name in made[0]}


def _say(done: int, total: int, message: str) -> None:
    if done == total or done % 20_000 < 400:
        print(f"  {message}", file=sys.stderr, flush=True)


def workbook(share: dict, path: str) -> dict:
    """The same register as a workbook, as a county would send it."""
    setting, villages = plan(share["area"], share["households"], SEED, (YEAR,))
    lines = village_lines(setting)

    def households(kind: int):
        for village in villages:
            for household in village_register(setting, village):
                for row, people in household.years:
                    yield from ([row], [{**person, "household_id": household.no} for person in people])[kind]

    rows = {HOUSEHOLDS: households(0), MEMBERS: households(1), VILLAGES: chain.from_iterable(
        village_years(setting.seed, village, lines, setting.progress) for village in villages)}
    written = write_tables(Path(path), [
        SheetSpec(name, layout.columns, _cells(rows[name], layout.columns)) for name, layout in SHEETS.items()])
    return {"households": written[HOUSEHOLDS], "members": written[MEMBERS], "villages": written[VILLAGES]}


def _cells(rows: Iterable[dict], columns) -> Iterator[dict]:
    for row in rows:
        yield {column.key: column.shown(row.get(column.key)) for column in columns}


if __name__ == "__main__":
    answer({"installation": installation, "register": register, "workbook": workbook})

"""A register workbook in: the product's import, and calamine's reading plus COPY of the same rows."""
from pathlib import Path

from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from households.importer import Import
from households.models import Household, HouseholdYear, Member, MemberYear
from office.models import Programme
from tests.bench.jobs import answer, timed
from villages.models import VillageYear

TABLES = [model._meta.db_table for model in (Household, Member, HouseholdYear, MemberYear, VillageYear)]


def product(path: str, programme: str) -> dict:
    """The import as the command does it."""
    chosen = Programme.objects.get(pk=programme)
    with timed() as clock:
        counts = Import(Path(path), chosen).run()
    if any(counts[kind]["refused"] or counts[kind]["updated"] for kind in ("households", "members", "villages")):
        raise SystemExit(f"the workbook is not clean: {counts}")
    return {"seconds": clock.seconds, "households": counts["households"]["created"],
            "members": counts["members"]["created"]}


def keep(folder: str) -> dict:
    """Write what an import put into the register to files that COPY reads."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        for table in TABLES:
            with (Path(folder) / table).open("w", encoding="utf-8") as out:
                cursor.copy_expert(f"COPY {table} TO STDOUT", out)
    return {}


def floor(path: str, folder: str) -> dict:
    """Read every sheet, then load the rows into the same tables of an equally empty installation."""
    connection.ensure_connection()
    with timed() as clock:
        with CalamineWorkbook.from_path(path) as book:
            cells = sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
        with transaction.atomic(), connection.cursor() as cursor:
            for table in TABLES:
                with (Path(folder) / table).open(encoding="utf-8") as rows:
                    cursor.copy_expert(f"COPY {table} FROM STDIN", rows)
    return {"seconds": clock.seconds, "rows": cells}


if __name__ == "__main__":
    answer({"product": product, "keep": keep, "floor": floor})

"""The auditors' ledger as a workbook: the product's sealed export. Its floor is that of the register's export."""
from pathlib import Path

from django.core.management import call_command

from tests.bench.jobs import answer, timed


def product(programme: str, area: str, path: str) -> dict:
    """The payments to households as the command exports them, from the database to the file."""
    with timed() as clock:
        call_command("export_ledger", programme=programme, kind="payments", area=area, out=Path(path))
    return {"seconds": clock.seconds}


if __name__ == "__main__":
    answer({"product": product})

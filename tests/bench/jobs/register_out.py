"""The register out: the product's export, and XlsxWriter writing the same cells."""
import datetime
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from households.exporter import export_register
from office.models import Programme
from tests.bench.jobs import answer, timed
from tests.bench.sizes import YEAR


def product(programme: str, area: str, path: str) -> dict:
    """The export as the command and the job do it, from the database to the file."""
    chosen = Programme.objects.get(pk=programme)
    with timed() as clock:
        counts = export_register(chosen, YEAR, area, Path(path))
    return {"seconds": clock.seconds, **counts}


def floor(source: str, path: str) -> dict:
    """The cells of the product's own file, read beforehand, written in the writer's constant-memory mode."""
    with CalamineWorkbook.from_path(source) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    with timed() as clock, xlsxwriter.Workbook(path, {"constant_memory": True}) as out:
        date = out.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = out.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    if type(value) is str:
                        if value:
                            sheet.write_string(number, place, value)
                    elif isinstance(value, datetime.date):
                        sheet.write_datetime(number, place, value, date)
                    else:
                        sheet.write_number(number, place, value)
    return {"seconds": clock.seconds}


if __name__ == "__main__":
    answer({"product": product, "floor": floor})

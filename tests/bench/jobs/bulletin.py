"""The bulletin: the product's rendering, and WeasyPrint alone on the same HTML."""
from io import BytesIO
from pathlib import Path

from django.template import engines
from pypdf import PdfReader
from weasyprint import HTML

from assessment.bulletin.document import Annex
from assessment.pdf import render, render_html
from tests.assessment.bulletin_sample import full, villages
from tests.bench.jobs import answer, timed

ROWS_PER_PAGE = 25


def _document(rows: int):
    sample = full()
    return sample.__class__(**{**vars(sample), "annexes": (Annex(sample.annexes[0].title, (villages(rows),)),)})


def fitted(pages: int) -> dict:
    """How many rows the annex needs for a bulletin of so many pages."""
    rows = 1
    while (found := len(PdfReader(BytesIO(render(_document(rows)))).pages)) < pages:
        rows += max(1, (pages - found) * ROWS_PER_PAGE // 2)
    return {"rows": rows, "pages": found}


def keep(rows: int, path: str) -> dict:
    Path(path).write_text(render_html(_document(rows)), encoding="utf-8")
    return {}


def product(rows: int) -> dict:
    """From the document to the finished file: type set, colophon placed, PDF/A.

    Loading programs counts for neither side: not WeasyPrint's, and not the template engine's with its tag libraries.
    """
    document = _document(rows)
    engines.all()
    with timed() as clock:
        made = render(document)
    return {"seconds": clock.seconds, "bytes": len(made)}


def floor(path: str) -> dict:
    html = Path(path).read_text(encoding="utf-8")
    with timed() as clock:
        made = HTML(string=html).write_pdf()
    return {"seconds": clock.seconds, "bytes": len(made)}


if __name__ == "__main__":
    answer({"fitted": fitted, "keep": keep, "product": product, "floor": floor})

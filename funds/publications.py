"""Reading notices about money: from when to when each thing was public. Below the ledgers and the pages alike."""
import datetime
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Max, Min, Value
from django.db.models.fields import DateField
from django.db.models.functions import Coalesce

from funds.models import Publication
from funds.states import Publicity

FOR_GOOD = "长期"
BEFORE, AFTER = (Publicity.PROJECT, Publicity.FUNDS), (Publicity.EFFECT,)
_NEVER = datetime.date.max                 # stands for no end while the database looks for the latest one
_NO_END = Value(_NEVER, output_field=DateField())


def standing():
    """Notices that count: those not withdrawn."""
    return Publication.objects.filter(withdrawn="")


def spans(projects: Iterable[int]) -> dict[int, dict[str, str]]:
    """Per project and thing made public: from the first day to the last, in words; one statement."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    rows = standing().filter(project__in=list(projects)).order_by().values_list("project_id", "what").annotate(
        first=Min("from_on"), last=Max(Coalesce("to_on", _NO_END)))
    for project, what, first, last in rows:
        found[project][what] = between(first, None if last == _NEVER else last)
    return found


def allocations(keys: Iterable[tuple]) -> dict[tuple, str]:
    """The same for divisions of documents, by (document, area that divided); one statement."""
    keys = set(keys)
    rows = standing().filter(appropriation__in={document for document, _ in keys}).order_by().values_list(
        "appropriation_id", "area_id").annotate(first=Min("from_on"), last=Max(Coalesce("to_on", _NO_END)))
    return {(document, area): between(first, None if last == _NEVER else last)
            for document, area, first, last in rows if (document, area) in keys}


def between(first, last) -> str:
    """2017-03-01至2017-03-11; without an end 至长期."""
    return f"{first}至{last or FOR_GOOD}"


def before_and_after(texts: dict[str, str]) -> tuple[str, str]:
    """The spans of one project as the project ledger wants them: what was public before the work, and after it."""
    return tuple("；".join(filter(None, (texts.get(str(what), "") for what in side))) for side in (BEFORE, AFTER))

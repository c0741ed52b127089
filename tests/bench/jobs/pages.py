"""Pages: server time through the whole middleware, and how many queries each takes."""
import time
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from assessment import engine
from assessment.models import Result, Run
from funds.models import Movement, PaymentBatch
from funds.states import BatchState
from office.models import Officer, Programme
from tests.bench.jobs import answer
from tests.bench.sizes import YEAR
from tests.factories import make_officer

WARM_UP, ROUNDS = 3, 25
BACKEND = "django.contrib.auth.backends.ModelBackend"


def ready(key: str) -> dict:
    """Two finished runs, so that a page can compare, and an officer of the programme's city, however little it holds."""
    programme = Programme.objects.select_related("area").get(pk=key)
    area = programme.area
    for _ in range(2 - Run.objects.finished().filter(area=area, year=YEAR).count()):
        engine.execute(engine.prepare(programme=programme, year=YEAR, area=area, reason="bench"))
    if not Officer.objects.filter(username="bench").exists():
        make_officer("bench", "city_office", area.code)
    return {}


def _money() -> dict[str, str]:
    """Pages of the money, when there is any; a day in the middle of it, and the middle of its longest list."""
    batch = PaymentBatch.objects.filter(state=BatchState.PAID).order_by("pk").last()
    if batch is None:
        return {}
    overview, movements, middle = reverse("funds:overview"), reverse("funds:movements"), Movement.objects.count() // 2
    area = batch.area_id
    return {
        "money": overview, "money, as of a day": f"{overview}?as_of={YEAR}-06-10",
        "money idle, as of a day": f"{reverse('funds:accounts')}?as_of={YEAR}-06-10",
        "movements, deep page": f"{movements}?after={middle}",
        "movements behind a figure": f"{movements}?flow=paid&area={area}",
        "list of payments, deep page": f"{reverse('funds:batch', args=[batch.pk])}?after={batch.lines_count // 2}",
        "sheet of a village": reverse("funds:village", args=[batch.lines.values_list("household__village", flat=True)[0]]),
        "household with payments": reverse("assessment:household", args=[batch.lines.values_list("household", flat=True)[0]]),
        "public page of money": reverse("public_funds", args=[area]),
    }


def _addresses(run: Run) -> dict[str, str]:
    listing = reverse("assessment:household_list")
    some = Result.objects.filter(run=run, met=False).order_by("household_id").values_list("household_id", flat=True)
    no = some[some.count() // 2]
    return {
        "home": reverse("home"),
        "list": listing,
        "list, deep page": f"{listing}?after={no}",
        "list, not met, by gap": f"{listing}?status=not_met&sort=gap",
        "list, by initials": f"{listing}?q=czq",
        "household": reverse("assessment:household", args=[no]),
        **_money(),
    }


@override_settings(ROOT_URLCONF="tests.bench.urls", CELERY_TASK_ALWAYS_EAGER=True)
def product(rounds: int = ROUNDS) -> dict:
    """For each page: median seconds, queries, and the median of the empty page asked for in turn with it."""
    client = Client()
    client.force_login(Officer.objects.get(username="bench"), backend=BACKEND)
    addresses, floor = _addresses(Run.objects.finished().order_by("-pk").first()), reverse("bench-empty")
    times = {name: ([], []) for name in addresses}
    for turn in range(-WARM_UP, rounds):        # all pages in turn: a busy moment of the machine falls on all of them
        for name, address in addresses.items():
            for url, taken in zip((address, floor), times[name], strict=True):
                seconds = _ask(client, url)
                if turn >= 0:
                    taken.append(seconds)
    pages = {}
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as queries:
            _ask(client, address)
        seconds, floor_seconds = map(median, times[name])
        pages[name] = {"seconds": seconds, "floor_seconds": floor_seconds, "queries": len(queries)}
    return {"pages": pages}


def _ask(client: Client, url: str) -> float:
    started = time.perf_counter()
    response = client.get(url)
    seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise SystemExit(f"{url} answered {response.status_code}")
    return seconds


if __name__ == "__main__":
    answer({"ready": ready, "product": product})

"""Whether the parts the product stands on can be reached; for the machine that watches, so without login or secrets."""
import logging
import os
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@login_not_required
@require_safe
@never_cache
def healthz(request):
    """200 with `{"database": "ok", "broker": "ok"}`; 503 when the database is away, since nothing works then.

    Without the broker pages still answer and jobs wait, so that alone is said but is no failure of the web server.
    """
    state = {"database": "ok" if database_answers() else "away", "broker": "ok" if broker_answers() else "away"}
    return JsonResponse(state, status=200 if state["database"] == "ok" else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError as error:
        log.error("the database is away: %s", error)
        return False


def broker_answers() -> bool:
    if folder := settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out"):
        return Path(folder).is_dir() and os.access(folder, os.W_OK)
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        return True
    except Exception as error:  # kombu raises the transport's own error classes here
        log.error("the broker is away: %s", error)
        return False

"""What every test may ask for: real areas, programmes and figures, officers with postings, clients that are logged in."""
import json

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from funds import guards
from office.append_only import PROTECTED, protect, unprotect
from office.registers import AREAS_2017, STATISTICS, load_areas, load_programmes, load_statistics, shipped_programmes
from tests.factories import make_officer

# The same examples in every run, however busy the machine is: a test says what is wrong, not how fast it went.
hypothesis_settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("steady")


@pytest.fixture(autouse=True)
def _quiet_installation(settings, tmp_path_factory):
    """Files of a test go to a folder of its own; passwords hash fast; tasks run where they are sent."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The reference data of an installation, once: the 2017 areas, the five programmes, the shipped figures."""
    with django_db_blocker.unblock():
        _load_reference()


def _load_reference():
    load_areas(AREAS_2017)
    load_programmes(shipped_programmes())
    load_statistics(STATISTICS)


@pytest.fixture
def _as_before(django_db_setup, django_db_blocker):
    """Ends after the tables were emptied: reference data and triggers are there again for whatever comes next."""
    yield
    with django_db_blocker.unblock():
        _load_reference()
        guards.install(connection)
        for table, verbs in PROTECTED.items():
            protect(connection, table, refuse=verbs)


@pytest.fixture
def committed_db(_as_before, transactional_db):
    """For tests that need real commits. The tables are emptied afterwards, so the reference data is loaded anew
    and the append-only triggers stand aside while they are emptied."""
    yield
    guards.remove(connection)
    for table in PROTECTED:
        unprotect(connection, table)


def pytest_configure(config):
    settings.CELERY_TASK_ALWAYS_EAGER = True


@pytest.fixture
def officer(db):
    """Maker of officers: officer(role, area_code)."""
    made = []

    def make(role: str = "town_clerk", area_code: str = "441424134000", **fields):
        made.append(role)
        return make_officer(f"{role}{len(made)}", role, area_code, **fields)

    return make


@pytest.fixture
def client_of(officer):
    """Maker of logged-in clients: client_of(role, area_code)."""

    def make(role: str = "town_clerk", area_code: str = "441424134000") -> Client:
        client = Client()
        client.officer = officer(role, area_code)
        client.force_login(client.officer, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def command(capsys):
    """Runs a command as a shell would see it: command("assess", …) -> (exit code, JSON or None, stderr)."""
    def run(name: str, *arguments):
        try:
            call_command(name, *map(str, arguments))
            code = 0
        except SystemExit as stop:
            code = stop.code
        output = capsys.readouterr()
        lines = output.out.strip().splitlines()
        return code, json.loads(lines[-1]) if lines else None, output.err

    return run

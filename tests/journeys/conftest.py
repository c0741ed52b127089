"""What a journey needs: one installation with a small demonstration county, one browser, people who log in."""
import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.browser import Person, launch
from tests.journeys.installation import PASSWORD, Installation, fresh_database

CLERK, TOWN = "journey_clerk", "441424134000"      # 水寨镇 of 五华县


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """Migrated, 120 households in the real villages of 五华县 with their assessments, and one more town clerk."""
    var = tmp_path_factory.mktemp("journey")
    with fresh_database(var) as database:
        made = Installation(var, database)
        made.manage("migrate", "--verbosity", "0")
        made.manage("demo", "--households", "120", DEMO_PASSWORD=PASSWORD)
        made.manage("create_officer", CLERK, "--name", "刘晓梅", "--role", "town_clerk", "--area", TOWN,
                    OFFICER_PASSWORD=PASSWORD)
        with made.running():
            yield made


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def person(browser, installation):
    """person(username): somebody logged in. Afterwards their browsers must have had nothing to complain about."""
    met = []

    def log_in(username: str) -> Person:
        met.append(Person(browser, installation, username))
        return met[-1]

    yield log_in
    troubles = [trouble for one in met for trouble in one.troubles]
    for one in met:
        one.leave()
    assert not troubles

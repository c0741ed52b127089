"""What the tests of the register share."""
import pytest

from tests.households.workbook import build, import_file


@pytest.fixture
def load(db, tmp_path):
    """Build a workbook of these rows and import it: load(households, members, villages, options=[…])."""
    made = []

    def run(households=(), members=(), villages=(), *, options=(), programme="MZ2016", **building):
        made.append(tmp_path / f"{len(made) + 1}.xlsx")
        return import_file(build(made[-1], households, members, villages, **building), *options, programme=programme)

    return run

"""Areas, programmes and figures from the shell: one bad row or key, and nothing is loaded."""
import json
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from office.models import Area, Programme, Statistic

pytestmark = [pytest.mark.django_db, pytest.mark.req("R002")]
AREAS = "code,name,level,parent_code"
FIGURES = "key,area_code,year,basis,value,known_on,source"
FIGURE = "rural_pc_disposable_income,440704000000,2018,actual"


@pytest.fixture
def load(tmp_path):
    """Run a command on a CSV of these lines: its JSON, or None when it refuses."""

    def run(command, *lines):
        path = tmp_path / "file.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        out = StringIO()
        try:
            call_command(command, path, stdout=out, stderr=StringIO())
        except SystemExit:
            return None
        return json.loads(out.getvalue())

    return run


@pytest.mark.parametrize("row", [
    "441424103998,某村,village,441424103998",   # its own parent
    "441424103998,某村,village,441424103200",   # below another village
    "441424990000,某镇,county,441424000000",    # a county in a county
    "441424103998,某\0村,village,441424103000",
    "４４１４２４１０３９９８,某村,village,441424103000",
])
def test_an_area_out_of_place_is_refused(load, row):
    assert load("load_areas", AREAS, row) is None
    assert not Area.objects.filter(code__in=["441424103998", "441424990000"]).exists()


def test_areas_in_any_order_and_again(load):
    lines = [AREAS, "441424990201,新村,village,441424990000", "441424990000,新镇,township,441424000000"]
    assert load("load_areas", *lines) == {"created": 2, "changed": 0, "unchanged": 0}
    assert load("load_areas", *lines) == {"created": 0, "changed": 0, "unchanged": 2}


def test_a_figure_given_twice_in_one_file_is_refused(load):
    assert load("load_statistics", FIGURES, f"{FIGURE},1,2019-05-01,x", f"{FIGURE},2,2019-05-01,x") is None
    assert not Statistic.objects.filter(area="440704000000").exists()


def test_a_figure_is_corrected_in_place_and_another_day_is_another_row(load):
    assert load("load_statistics", FIGURES, f"{FIGURE},20000.1,2019-05-01,x")["created"] == 1
    assert load("load_statistics", FIGURES, f"{FIGURE},20000.2,2019-05-01,x")["changed"] == 1
    assert load("load_statistics", FIGURES, f"{FIGURE},20000.20,2019-05-01,x")["unchanged"] == 1
    assert load("load_statistics", FIGURES, f"{FIGURE},20000.3,2019-06-01,x")["created"] == 1


def test_an_unknown_programme_among_known_ones_loads_none():
    Programme.objects.filter(pk="SW2016").delete()
    with pytest.raises(SystemExit):
        call_command("load_programme", "SW2016", "XX", stdout=StringIO(), stderr=StringIO())
    assert not Programme.objects.filter(pk="SW2016").exists()


def test_a_file_name_that_is_not_utf8_is_said_in_a_sentence():
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("load_areas", "/tmp/" + b"\xce\xe5.csv".decode(errors="surrogateescape"), stderr=err)
    assert "UTF-8" in err.getvalue()


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["export_ledger", "--programme", "MZ2016", "--out", "F.xlsx", "--kind", "nope"], "--kind 的值 'nope' 不在可选的范围内"),
    (["assess", "--programme", "MZ2016", "--year", "abc"], "--year 的值 'abc' 不是整数"),
    (["assess"], "缺少 --programme, --year")])
def test_a_wrong_option_is_told_in_chinese(arguments, sentence):
    done = subprocess.run([sys.executable, settings.BASE_DIR / "manage.py", *arguments], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1

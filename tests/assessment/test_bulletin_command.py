"""The command `bulletin` (contracts/commands.md): file, JSON, exit codes, and what the PDF says."""
import hashlib
import re

import pytest
from pypdf import PdfReader

from assessment import engine
from assessment.bulletin import actions as bulletin_actions
from assessment.models import Bulletin, Run
from assessment.pdf import CannotRender
from office.models import Area, AuditEvent, Programme
from tests.factories import VILLAGE, make_household, make_village

COUNTY = "441424000000"


def assess(**options) -> Run:
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018, **options)
    engine.execute(run)
    run.refresh_from_db()
    return run


@pytest.fixture
def register(db):
    other = Area.objects.filter(level="village", code__startswith="441424103").first().code
    make_household(VILLAGE, serial=1, wage_income=20000, members=[{}, {}])
    make_household(VILLAGE, serial=2, wage_income=7000, head_name="欧阳堃塱")
    make_household(other, serial=1, wage_income=90000, housing_secure=None, members=[{}] * 3)
    make_household(other, serial=2, labour_capacity=False, on_dibao=True)
    make_village(VILLAGE, income="10300.61")


def words(path) -> str:
    """Everything that can be read in the file, without the breaks of lines."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(path).pages))


@pytest.mark.slow
@pytest.mark.req("R302")
def test_the_pdf_holds_the_figures_of_the_run_and_no_person(register, command, tmp_path):
    run, out = assess(), tmp_path / "通报.pdf"

    code, answer, _ = command("bulletin", "--programme", "MZ2016", "--area", COUNTY, "--period", "2018Q3", "--out", out)

    content = out.read_bytes()
    assert code == 0
    assert answer == {"pages": len(PdfReader(out).pages), "run": run.pk, "sha256": hashlib.sha256(content).hexdigest()}
    said = words(out)
    households, persons = run.counts["households"], run.counts["persons"]
    assert f"在册{households['assessed']}户{persons['assessed']}人" in said
    assert f"达标{households['met']}户{persons['met']}人" in said
    for figure in ("7,725.47元", "10,300.62元", "10,300.61", "关于2018年第三季度全县", "截至9月30日", "〔草稿〕"):
        assert figure in said
    for secret in ("欧阳堃塱", "陈志强", f"{VILLAGE}0001", "441424197001"):
        assert secret not in said


@pytest.mark.slow
@pytest.mark.req("R302")
def test_running_twice_stores_a_new_issue_with_the_same_bytes(register, command, tmp_path):
    assess()
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"
    options = ("--programme", "MZ2016", "--area", COUNTY, "--period", "2018Q3", "--out")

    answers = [command("bulletin", *options, out)[1] for out in (first, second)]

    assert answers[0] == answers[1]
    assert first.read_bytes() == second.read_bytes()
    assert Bulletin.objects.count() == 2
    kept = Bulletin.objects.first()
    assert (kept.state, kept.number, kept.period, kept.sha256) == ("draft", "", "2018Q3", answers[0]["sha256"])
    assert bulletin_actions.pdf_of(kept) == first.read_bytes()
    assert AuditEvent.objects.filter(action="起草通报", subject=f"bulletin:{kept.pk}").exists()


@pytest.fixture
def _plain_paper(monkeypatch):
    """Setting type takes seconds; where the text does not matter, a few bytes stand for the file."""
    monkeypatch.setattr(bulletin_actions, "render_counted", lambda document: (repr(document).encode(), 3))


@pytest.mark.usefixtures("_plain_paper")
def test_an_actual_run_comes_before_a_later_forecast_and_run_chooses(register, command, tmp_path):
    actual, forecast = assess(), assess(basis="forecast")
    options = ("--programme", "MZ2016", "--area", COUNTY, "--period", "2018Q3", "--out", tmp_path / "o.pdf")

    assert command("bulletin", *options)[1]["run"] == actual.pk
    assert command("bulletin", *options, "--run", forecast.pk)[1]["run"] == forecast.pk


@pytest.mark.usefixtures("_plain_paper")
@pytest.mark.parametrize(("changes", "sentence"), [
    ({"--programme": "XX2016"}, "没有代号为“XX2016”的政策文件"),
    ({"--area": "441424999999"}, "没有代码为“441424999999”的区域"),
    ({"--area": "441523000000"}, "没有梅州市新时期精准扶贫精准脱贫三年攻坚 2018年度覆盖陆河县"),
    ({"--area": VILLAGE}, "通报按市、县、镇编发"),
    ({"--period": "2018年三季度"}, "不是季度"),
    ({"--period": "2017Q3"}, "请先执行 assess --programme MZ2016 --year 2017"),
    ({"--run": "999999"}, "没有第999999次考核计算"),
    ({"--out": "/nowhere/at/all.pdf"}, "文件夹 /nowhere/at 不存在"),
    ({"--out": "/tmp"}, "是文件夹"),
])
def test_a_sentence_and_exit_1_change_nothing(register, command, tmp_path, changes, sentence):
    assess()
    options = {"--programme": "MZ2016", "--area": COUNTY, "--period": "2018Q3", "--out": tmp_path / "o.pdf"} | changes

    code, answer, said = command("bulletin", *(part for pair in options.items() for part in pair))

    assert (code, answer) == (1, None)
    assert sentence in said
    assert not Bulletin.objects.exists()
    assert not list(tmp_path.iterdir())


def test_without_the_libraries_it_names_the_packages_and_leaves_nothing(register, command, tmp_path, monkeypatch):
    def refuse(document):
        raise CannotRender("请安装软件包 libpango-1.0-0")
    monkeypatch.setattr(bulletin_actions, "render_counted", refuse)
    assess()

    code, _, said = command("bulletin", "--programme", "MZ2016", "--area", COUNTY, "--period", "2018Q3",
                            "--out", tmp_path / "o.pdf")

    assert code == 1
    assert "libpango-1.0-0" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_plain_paper")
def test_a_quarter_that_has_not_ended_is_refused(register, command, tmp_path, monkeypatch):
    monkeypatch.setattr(bulletin_actions.timezone, "localdate", lambda: bulletin_actions.datetime.date(2018, 9, 30))
    assess()

    code, _, said = command("bulletin", "--programme", "MZ2016", "--area", COUNTY, "--period", "2018Q3",
                            "--out", tmp_path / "o.pdf")

    assert code == 1
    assert "2018年9月30日才结束" in said

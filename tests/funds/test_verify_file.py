"""An exported ledger comes back: the command and the upload page say whether it is whole, and what is not."""
import shutil
import subprocess

import openpyxl
import pytest

from funds.models import ExportRecord, Investment, Movement
from office.models import AuditEvent, Job
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import households, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(command, tmp_path, desk):
    """The funds ledger of four townships' money."""
    account = desk.appropriation("1000000")
    for town in (TOWN, "441424103000", "441424108000"):
        desk.approve(desk.transfer(fresh(account), "100000.10", to=town))
    path = tmp_path / "ledger.xlsx"
    assert command("export_ledger", "--programme", "MZ2016", "--kind", "funds", "--out", path)[0] == 0
    return path


@pytest.fixture
def verified(command, ledger):
    def verify(change=None):
        if change:
            book = openpyxl.load_workbook(ledger)
            change(book["台账"], book["校验"])
            book.save(ledger)
        return command("verify_chain", "--file", ledger)
    return verify


@pytest.mark.req("R307", "R146")
def test_whole_as_exported_and_after_saving_again(verified):
    assert verified()[:2] == (0, {"entries": 4, "ok": True, "first_bad": None})
    assert verified(lambda table, seal: None)[:2] == (0, {"entries": 4, "ok": True, "first_bad": None})


@pytest.mark.req("R307", "R147")
def test_an_edited_cell_names_its_row(verified):
    code, answer, said = verified(lambda table, seal: table.__setitem__("L5", 100001))
    assert (code, answer) == (2, {"entries": 4, "ok": False, "first_bad": "台账:5"})
    assert "第 5 行被改动：“分配金额”" in said
    assert "共 4 行，控制总数 1,000,000.00 元" in said


def test_a_removed_last_row_is_named(verified):
    code, answer, said = verified(lambda table, seal: table.delete_rows(7))
    assert (code, answer["first_bad"]) == (2, "台账:7")
    assert "原第 7 行被删除" in said


def test_the_records_of_the_system_are_compared(verified):
    ExportRecord.objects.update(rows=5)
    code, answer, said = verified()
    assert (code, answer["first_bad"]) == (2, "导出记录")
    assert "行数与系统的导出记录不符" in said


def test_a_file_whose_record_is_gone_is_checked_by_its_own_signature(verified):
    ExportRecord.objects.all().delete()
    code, answer, said = verified()
    assert (code, answer["ok"]) == (0, True)
    assert "没有导出编号" in said


@pytest.mark.req("R147")
def test_a_ledger_rewritten_since_the_export_is_told(verified, raw_change):
    last = Movement.objects.latest("sequence").pk
    raw_change(f"UPDATE funds_movement SET digest = '{'0' * 64}' WHERE sequence = {last}")
    code, answer, said = verified()
    assert (code, answer["first_bad"]) == (2, f"ledger:{last}")
    assert "改动或更换过" in said


def test_a_row_of_the_database_altered_before_the_last_is_remarked_though_the_file_is_whole(verified, raw_change):
    raw_change("UPDATE funds_movement SET amount = amount + 1 WHERE sequence = 2")
    code, answer, said = verified()
    assert (code, answer["ok"]) == (0, True)
    assert "数据库中的第 2 号流水与链不符" in said


def test_a_later_movement_does_not_matter(verified, desk):
    desk.appropriation("5", number="后来1号")
    assert verified()[0] == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_is_refused(command, tmp_path, content):
    (tmp_path / "f.xlsx").write_bytes(content)
    code, answer, said = command("verify_chain", "--file", tmp_path / "f.xlsx")
    assert (code, answer) == (1, None)
    assert said.strip()
    assert command("verify_chain", "--file", tmp_path / "none.xlsx")[0] == 1


@pytest.fixture
def upload(client_of, django_capture_on_commit_callbacks):
    """Uploads a file as the auditor and returns the page with the outcome."""
    client = client_of("auditor", COUNTY)

    def send(path):
        with path.open("rb") as file, django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/funds/ledgers/check/", {"file": file})
        return client.get(answer["Location"]) if answer.status_code == 302 else answer
    return send


@pytest.mark.req("R307", "R335")
def test_the_upload_page_names_the_edited_row(upload, ledger, verified, settings):
    assert "台账完整，没有被改动" in upload(ledger).content.decode()
    verified(lambda table, seal: table.__setitem__("L5", 1))
    page = upload(ledger).content.decode()
    assert "有 1 处不符" in page
    assert "第 5 行被改动：“分配金额”" in page
    event = AuditEvent.objects.filter(action="核验台账").latest("sequence")
    assert (event.subject, event.detail["ok"], event.detail["first_bad"]) == (ExportRecord.objects.get().number, False, "台账:5")
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_the_upload_page_tells_a_sorted_file_from_a_changed_one(upload, ledger, verified):
    def exchange(table, seal):
        for column in range(1, table.max_column + 1):
            one, other = table.cell(5, column), table.cell(6, column)
            one.value, other.value = other.value, one.value

    verified(exchange)
    page = upload(ledger).content.decode()
    assert "内容没有被改动，但行的顺序变了" in page
    assert "撤销排序" in page
    assert "请勿作为依据" not in page


@pytest.mark.req("R307")
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["funds", "projects", "payments", "dividends"])
def test_every_ledger_saved_again_by_libreoffice_is_whole_and_shows_an_edit(command, desk, tmp_path, kind):
    households(1, 2)
    account = desk.appropriation("100000")
    desk.commit(fresh(account), project := desk.project(), "50000")
    paid(desk, fresh(account))
    Investment.objects.create(
        project=project, enterprise="五华县农业公司", amount=30000, starts_on=day("2017-06-01"),
        principal_due_on=day("2022-06-01"), term_months=60, guaranteed_rate=6, recorded_by=desk.clerk)
    path, again = tmp_path / f"{kind}.xlsx", tmp_path / "again" / f"{kind}.xlsx"
    command("export_ledger", "--programme", "MZ2016", "--kind", kind, "--out", path)
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
                    "--outdir", again.parent, path], check=True, capture_output=True, timeout=120)
    code, answer, said = command("verify_chain", "--file", again)
    assert (code, answer["ok"], answer["entries"] > 0) == (0, True, True), said

    book = openpyxl.load_workbook(again)
    cell = next(cell for cell in book["台账"][4] if isinstance(cell.value, str))
    cell.value += "改"
    label = book["台账"].cell(3, cell.column).value
    book.save(again)
    code, answer, said = command("verify_chain", "--file", again)
    assert (code, answer["first_bad"]) == (2, "台账:4")
    assert f"第 4 行被改动：“{label}”" in said


def test_the_upload_page_refuses_what_is_no_ledger(upload, tmp_path):
    (tmp_path / "f.xlsx").write_bytes(b"no")
    assert "不能核验" in upload(tmp_path / "f.xlsx").content.decode()
    (tmp_path / "f.csv").write_bytes(b"no")
    assert "只能核验 .xlsx 文件" in upload(tmp_path / "f.csv").content.decode()


def test_the_outcome_is_seen_by_who_asked(upload, ledger, client_of):
    upload(ledger)
    job = Job.objects.filter(task="funds.tasks.check_ledger").latest("pk")
    assert client_of("county_office", COUNTY).get(f"/funds/ledgers/checks/{job.pk}/").status_code == 404

"""Render the quarterly bulletin of the latest run and store it as a draft."""
import os
import tempfile
from pathlib import Path

from assessment.bulletin import actions as bulletin_actions
from assessment.bulletin.facts import CannotCompose, covering_run
from assessment.models import Run
from office import trail
from office.calendar import Quarter
from office.management.command import ContractCommand, Progress, Refusal
from office.models import Area, Programme
from office.models.statistic import Basis


class Command(ContractCommand):
    help = "按考核结果生成季度通报（PDF），并存为草稿"

    def add_arguments(self, parser):
        parser.add_argument("--programme", required=True, metavar="KEY")
        parser.add_argument("--area", required=True, metavar="CODE")
        parser.add_argument("--period", required=True, metavar="2018Q3")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.pdf")
        parser.add_argument("--run", type=int, metavar="ID", help="指定考核计算；不指定则用最近一次，公布数先于预测数")

    def answer(self, *, programme, area, period, out, run, **options) -> dict:
        try:
            quarter = Quarter.parse(period)
        except ValueError as error:
            raise Refusal(str(error)) from error
        place = Area.objects.select_related("parent").filter(pk=area).first()
        if place is None:
            raise Refusal(f"没有代码为“{area}”的区域，请核对12位代码")
        chosen = _chosen(programme, quarter, place, run)
        handle, waiting = _room_for(out)
        tell = Progress()
        try:
            tell(0, 3, "成文和排版")
            made = bulletin_actions.make(chosen, place, str(quarter))
            tell(1, 3, "写文件")
            with os.fdopen(handle, "wb") as file:
                file.write(made.pdf)
            tell(2, 3, "存为草稿")
            kept = bulletin_actions.keep(made)
            waiting.replace(out)
        except CannotCompose as error:
            raise Refusal(str(error)) from error
        finally:
            waiting.unlink(missing_ok=True)
        trail.record(None, "起草通报", f"bulletin:{kept.pk}", area=place.code,
                     detail={"run": chosen.pk, "period": kept.period, "sha256": kept.sha256, "by": "命令行"})
        tell(3, 3, "完成")
        return {"pages": kept.pages, "run": chosen.pk, "sha256": kept.sha256}


def _chosen(programme: str, quarter: Quarter, area: Area, number: int | None) -> Run:
    """The run asked for, or the newest one that covers the area."""
    rules = Programme.objects.filter(pk=programme).first()
    if rules is None:
        raise Refusal(f"没有代号为“{programme}”的政策文件，请先执行 load_programme {programme}")
    if number is None:
        run = covering_run(programme, quarter.year, area.code)
        if run is None:
            raise Refusal(f"没有{rules.name} {quarter.year}年度覆盖{area.name}（{area.code}）的考核计算，"
                          f"请先执行 assess --programme {programme} --year {quarter.year}")
        return run
    run = Run.objects.finished().select_related("programme", "area").filter(pk=number).first()
    if run is None:
        raise Refusal(f"没有第{number}次考核计算，或它还没有完成")
    if run.programme_id != programme:
        raise Refusal(f"第{number}次考核计算依据的是{run.programme_id}，不是{programme}；"
                      f"它是{run.year}年度、{Basis(run.basis).label}")
    return run


def _room_for(out: Path) -> tuple[int, Path]:
    """A file beside the one asked for, opened before anything is done, so that a bad path changes nothing."""
    if out.is_dir():
        raise Refusal(f"{out} 是文件夹，--out 请给出PDF文件名")
    if not out.parent.is_dir():
        raise Refusal(f"文件夹 {out.parent} 不存在，请先建立或改换 --out")
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    os.chmod(name, 0o644)
    return handle, Path(name)

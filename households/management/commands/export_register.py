"""Export the register of a year from the shell, in the layout that goes back in."""
from pathlib import Path

from households.exporter import ExportRefused, export_register
from office import trail
from office.management.command import ContractCommand, Progress, Refusal
from office.models import Area, Programme
from office.workbooks import WorkbookRefused


class Command(ContractCommand):
    help = "导出登记工作簿，导入后不产生任何变化"

    def add_arguments(self, parser):
        parser.add_argument("--programme", required=True, metavar="KEY")
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--area", metavar="CODE", help="只导出这个区域（12 位区划代码）")
        parser.add_argument("--out", required=True, type=Path, metavar="F.xlsx")

    def answer(self, *, programme, year, area, out, **options) -> dict:
        chosen = Programme.objects.filter(pk=programme).first()
        if chosen is None:
            keys = "、".join(Programme.objects.values_list("pk", flat=True)) or "无，请先运行 load_programme --all"
            raise Refusal(f"没有政策文件“{programme}”，已载入的有：{keys}")
        if area is not None and not Area.objects.filter(pk=area).exists():
            raise Refusal(f"没有区划代码 {area}，请核对")
        if not out.absolute().parent.is_dir():
            raise Refusal(f"文件夹 {out.absolute().parent} 不存在，请先建立")
        if out.is_dir():
            raise Refusal(f"{out} 是文件夹，--out 请给出 .xlsx 文件名")
        try:
            counts = export_register(chosen, year, area, out, progress=Progress())
        except (ExportRefused, WorkbookRefused) as refused:
            raise Refusal(str(refused)) from refused
        trail.record(None, "导出登记数据", out.name, area=area or chosen.area_id,
                     detail={"programme": chosen.pk, "year": year, **counts})
        return counts

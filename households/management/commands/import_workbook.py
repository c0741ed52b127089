"""Import a register workbook from the shell: the same work as an upload in the browser."""
import os
from pathlib import Path

from households.importer import Import, ImportInterrupted, ImportRefused
from office import trail
from office.management.command import Answer, ContractCommand, Progress, Refusal
from office.models import Programme
from office.workbooks import WorkbookRefused


class Command(ContractCommand):
    help = "导入登记工作簿（贫困户、贫困人口、村）"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--programme", required=True, metavar="KEY")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--report", type=Path, metavar="OUT.xlsx", help="写出标注了问题的工作簿")
        parser.add_argument("--all-or-nothing", action="store_true", help="有任何错误就整份不写入")

    def answer(self, *, file, programme, dry_run, report, all_or_nothing, **options) -> dict:
        chosen = Programme.objects.filter(pk=programme).first()
        if chosen is None:
            keys = "、".join(Programme.objects.values_list("pk", flat=True)) or "无，请先运行 load_programme --all"
            raise Refusal(f"没有政策文件“{programme}”，已载入的有：{keys}")
        if report is not None and not report.absolute().parent.is_dir():
            raise Refusal(f"检查报告的文件夹 {report.absolute().parent} 不存在，请先建立")
        if report is not None and not os.access(report.absolute().parent, os.W_OK):
            raise Refusal(f"没有权限写入检查报告的文件夹 {report.absolute().parent}，请换一个位置")
        if report is not None and report.is_dir():
            raise Refusal(f"检查报告 {report} 是文件夹，请给出 .xlsx 文件名")
        work = Import(file, chosen, dry_run=dry_run, all_or_nothing=all_or_nothing, report=report, progress=Progress())
        try:
            counts = work.run()
        except (WorkbookRefused, ImportRefused, ImportInterrupted) as refused:
            raise Refusal(str(refused)) from refused
        if not dry_run:
            trail.record(None, "导入登记数据", file.name, area=chosen.area_id,
                         detail={"programme": chosen.pk, **counts})
        return Answer.with_refusals(counts, any(counts[kind]["refused"] for kind in work.counts))

"""Check that nothing in the hash chains was altered, or that an exported ledger is complete and as it was exported."""
from pathlib import Path

from office import chains
from office.management.command import Answer, ContractCommand, Refusal
from office.workbooks import WorkbookRefused

LARGEST = 2**30
LISTED = 50


class Command(ContractCommand):
    help = "核对台账和操作日志的摘要链，或用 --file 核验导出的台账文件；有不符时退出码为 2"

    def add_arguments(self, parser):
        parser.add_argument("--file", type=Path, metavar="F.xlsx", help="核验这份导出的台账是否完整、未被改动")

    def answer(self, *, file=None, **options) -> dict:
        found = chains.verify_all() if file is None else self.look_at(file)
        return Answer.with_refusals(found, refused=not found["ok"])

    def look_at(self, file: Path) -> dict:
        """The workbook's own answer; what is wrong in it is told row by row on stderr."""
        try:
            report = chains.verify_file(file, LARGEST)
        except WorkbookRefused as refused:
            raise Refusal(str(refused)) from refused
        for finding in report.findings[:LISTED]:
            self.stderr.write(f"{finding.place} {finding.sentence}")
        more = len(report.findings) + report.unlisted - LISTED
        if more > 0:
            self.stderr.write(f"另有 {more} 处不符未列出")
        for remark in report.remarks:
            self.stderr.write(remark)
        return {"entries": report.entries, "ok": report.ok, "first_bad": report.first_bad}

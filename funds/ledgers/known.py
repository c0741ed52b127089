"""What the database knows of an exported workbook: that it was made here, with which figures, and from which ledger."""
from funds import chain
from funds.models import ExportRecord, Movement
from office.money import grouped, plain
from office.workbooks import SealReport

PLACE = "导出记录"
LEDGER = "ledger"


def check(report: SealReport) -> None:
    """Compare a sealed workbook with its record, and the head of the chain that it carries with the ledger of today."""
    number = report.stated.get("导出编号", "")
    record = ExportRecord.objects.filter(number=number).first() if number else None
    if record is None and number:
        report.remarks.append(f"本数据库中没有导出编号“{number[:40]}”的记录，只按文件自身的签名核验")
    elif record is not None and record.rows is not None:
        _compare(report, record)
    if report.signed:
        _compare_head(report)


def _compare(report: SealReport, record: ExportRecord) -> None:
    """The figures that were noted when the file was made; they also tell how much of a damaged file is gone."""
    noted = {"行数": str(record.rows), "控制总数": plain(record.total), "链头": record.chain_head, "总摘要": record.digest}
    wrong = [name for name, value in noted.items() if report.stated.get(name) != value]
    if wrong:
        report.add("seal", f"“校验”所载{'、'.join(wrong)}与系统的导出记录不符", sheet=PLACE)
    if report.findings:
        report.remarks.append(f"导出记录：{record.number} 共 {record.rows} 行，控制总数 {grouped(record.total)} 元；"
                              f"本文件现有 {report.entries} 行，合计 {grouped(report.total)} 元")


def _compare_head(report: SealReport) -> None:
    """Whether the ledger still holds the row that the workbook names as its last: a ledger rewritten since does not. A row
    before it that no longer fits is no fault of the file, and remarked."""
    sequence = int(report.stated["链头序号"])
    if not sequence:
        return
    digest = Movement.objects.filter(pk=sequence).values_list("digest", flat=True).first()
    if digest != report.stated["链头"]:
        report.add("seal", f"文件所载的链头（第 {sequence} 号流水）与数据库不符：文件导出以后，数据库中的台账被改动或更换过",
                   sheet=LEDGER, row=sequence)
        return
    first_bad = chain.verify().first_bad
    if first_bad is not None:
        report.remarks.append(f"数据库中的第 {first_bad} 号流水与链不符，可能在文件导出以后被改动；请保全数据库，以本文件核对")

"""Export one of the auditors' ledgers from the shell, masked."""
from pathlib import Path

from funds.ledger import Refused
from funds.ledgers import orders
from funds.ledgers.export import ExportRefused, export
from funds.states import LedgerKind
from office.management.command import ContractCommand, Progress, Refusal
from office.models import Area, Programme
from office.money import plain


class Command(ContractCommand):
    help = "导出审计台账：资金、项目、到户补助、资产收益；证件号码隐去"

    def add_arguments(self, parser):
        parser.add_argument("--programme", required=True, metavar="KEY")
        parser.add_argument("--kind", required=True, choices=LedgerKind.values)
        parser.add_argument("--area", metavar="CODE", help="只导出这个区域（12 位区划代码）")
        parser.add_argument("--year", type=int, help="只导出这个年度")
        parser.add_argument("--out", required=True, type=Path, metavar="F.xlsx")

    def answer(self, *, programme, kind, area, year, out, **options) -> dict:
        chosen = Programme.objects.filter(pk=programme).first()
        if chosen is None:
            keys = "、".join(Programme.objects.values_list("pk", flat=True)) or "无，请先运行 load_programme --all"
            raise Refusal(f"没有政策文件“{programme}”，已载入的有：{keys}")
        place = Area.objects.filter(pk=area).first() if area is not None else None
        if area is not None and place is None:
            raise Refusal(f"没有区划代码 {area}，请核对")
        if year is not None and not 2014 <= year <= 2030:
            raise Refusal(f"年度 {year} 不在 2014 至 2030 之间")
        if out.is_dir():
            raise Refusal(f"{out} 是文件夹，请给出文件名")
        if not out.absolute().parent.is_dir():
            raise Refusal(f"文件夹 {out.absolute().parent} 不存在，请先建立")
        try:
            record = orders.order(None, kind, chosen, place, year)
            sealed = export(record, out.absolute(), progress=Progress())
        except (ExportRefused, Refused) as refused:
            raise Refusal(str(refused)) from refused
        return {"rows": sealed.rows, "total": plain(sealed.total), "chain_head": record.chain_head}

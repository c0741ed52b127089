"""Recompute the status of households and villages for a year and store a run."""
import datetime

from assessment import engine
from office.management.command import ContractCommand, Progress, Refusal
from office.mandate import MissingStatistic
from office.models import Area, Programme
from office.models.statistic import Basis


class Command(ContractCommand):
    help = "按政策文件计算一个年度的户、村状态"

    def add_arguments(self, parser):
        parser.add_argument("--programme", required=True, metavar="KEY")
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--area", metavar="CODE")
        parser.add_argument("--basis", choices=Basis.values, default=Basis.ACTUAL.value)
        parser.add_argument("--known-by", type=datetime.date.fromisoformat, metavar="DATE")

    def answer(self, *, programme, year, area, basis, known_by, **options) -> dict:
        rules = Programme.objects.select_related("area").filter(pk=programme).first()
        if rules is None:
            raise Refusal(f"没有代号为“{programme}”的政策文件，请先执行 load_programme {programme}")
        place = Area.objects.filter(pk=area).first() if area else rules.area
        if place is None:
            raise Refusal(f"没有代码为“{area}”的区域，请核对12位代码")
        try:
            run = engine.prepare(programme=rules, year=year, area=place, basis=basis, known_by=known_by, reason="命令行")
        except (MissingStatistic, engine.CannotAssess) as error:
            raise Refusal(str(error)) from error
        return engine.execute(run, Progress())

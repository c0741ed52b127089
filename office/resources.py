"""Published figures as a table to take along (CSV or Excel), columns named as people name them."""
from import_export import fields, resources
from import_export.widgets import DateWidget

from office.models import Statistic
from office.statistics import is_unconfirmed


class StatisticResource(resources.ModelResource):
    key = fields.Field(column_name="指标")
    area_code = fields.Field(attribute="area_id", column_name="区域代码")
    area = fields.Field(attribute="area__name", column_name="区域")
    year = fields.Field(attribute="year", column_name="年度")
    basis = fields.Field(column_name="口径")
    value = fields.Field(column_name="数值")
    known_on = fields.Field(attribute="known_on", column_name="公布日期", widget=DateWidget("%Y-%m-%d"))
    confirmed = fields.Field(column_name="核实")
    source = fields.Field(column_name="来源")

    class Meta:
        model = Statistic
        fields = export_order = ("key", "area_code", "area", "year", "basis", "value", "known_on", "confirmed", "source")

    def dehydrate_key(self, statistic):
        return statistic.get_key_display()

    def dehydrate_basis(self, statistic):
        return statistic.get_basis_display()

    def dehydrate_value(self, statistic):
        return f"{statistic.value.normalize():f}"

    def dehydrate_confirmed(self, statistic):
        return "未核实" if is_unconfirmed(statistic.source) else "已核实"

    def dehydrate_source(self, statistic):
        """A leading sign would make a spreadsheet compute the text."""
        return f"'{statistic.source}" if statistic.source.startswith(("=", "+", "-", "@")) else statistic.source

"""Which villages a workbook may speak of: those of the programme's area and, for an officer, of the own area as well."""
from office.access import within
from office.models import Area, Level, Programme
from office.roles import Permission


class Territory:
    """Answers for each village code whether it may be written; what lies outside an officer's area is not described."""

    def __init__(self, programme: Programme, officer=None) -> None:
        villages = Area.objects.filter(within("code", [programme.area_id]), level=Level.VILLAGE)
        self.inside_programme = frozenset(villages.values_list("pk", flat=True))
        self.open = self.inside_programme
        if officer is not None:
            scope = officer.scope_for(Permission.IMPORT_REGISTER)
            self.open = frozenset(villages.filter(within("code", scope)).values_list("pk", flat=True))
        self._programme = programme
        self._closed: dict[str, str] = {}

    def village_error(self, code: str) -> str | None:
        """Why rows of this village are refused; None when they are not."""
        if code in self.open:
            return None
        if code not in self._closed:
            self._closed[code] = self._reason(code)
        return self._closed[code]

    def _reason(self, code: str) -> str:
        if code in self.inside_programme:
            return f"行政村代码 {code} 不在您负责的区域内，请由所属镇（街道）上报"
        if Area.objects.filter(pk=code, level=Level.VILLAGE).exists():
            return f"行政村代码 {code} 不在“{self._programme.name}”的适用区域内，请核对代码或所选政策文件"
        return f"行政村代码 {code} 不存在，请对照统计用区划代码核对"

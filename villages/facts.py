"""Facts about villages that the criteria judge."""
from office.models import code_range
from villages.models import VillageYear


def poor_village_facts(year: int, area_code: str):
    """The relatively poor villages of the area in the year; only these are assessed (contract, 是否相对贫困村 = 是)."""
    lo, hi = code_range(area_code)
    return VillageYear.objects.filter(year=year, is_poor_village=True, village_id__gte=lo,
                                      village_id__lt=hi).order_by()

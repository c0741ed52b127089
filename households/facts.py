"""Facts about households, as one annotated queryset: what the criteria judge and what pages show.

Columns added: `net_income` (fen, per household and year), `active_members`, `school_age_members`, `in_poor_village`.
"""
from django.db.models import BigIntegerField, Count, Exists, ExpressionWrapper, F, OuterRef, Q

from households.codes import ACTIVE
from households.models import HouseholdYear
from office.models import code_range
from villages.models import VillageYear

# Compulsory education: aged 6 to 15 on 31 December of the year (contract, “How a status is decided”);
# on that day age is simply year minus year of birth.
SCHOOL_AGES = (6, 15)

# Net income = wages + business − its expenses + property + transfers received − transfers paid (contract; NBS definition).
NET_INCOME = ExpressionWrapper(
    F("wage_income") + F("operating_income") - F("operating_expense") + F("property_income") + F("transfer_income")
    - F("transfer_expense"), output_field=BigIntegerField())


def household_facts(year: int, area_code: str):
    """Household-years of the area with their facts; one statement, whatever the number of households."""
    lo, hi = code_range(area_code)
    active = Q(members__status__in=ACTIVE)
    school_age = active & Q(members__birth_year__gte=year - SCHOOL_AGES[1],
                            members__birth_year__lte=year - SCHOOL_AGES[0])
    poor = VillageYear.objects.filter(village=OuterRef("village"), year=year, is_poor_village=True)
    return HouseholdYear.objects.filter(year=year, village_id__gte=lo, village_id__lt=hi).order_by().annotate(
        net_income=NET_INCOME, active_members=Count("members", filter=active),
        school_age_members=Count("members", filter=school_age), in_poor_village=Exists(poor))

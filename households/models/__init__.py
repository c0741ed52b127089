from households.models.household import Household, HouseholdYear
from households.models.imports import ImportBatch, ImportRow
from households.models.member import Member, MemberYear

__all__ = ["Household", "HouseholdYear", "ImportBatch", "ImportRow", "Member", "MemberYear"]

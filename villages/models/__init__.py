from villages.models.village_year import VillageYear

__all__ = ["VillageYear"]

from assessment.models.bulletin import Bulletin
from assessment.models.run import Result, Run, RunChunk, State, VillageResult
from assessment.models.summary import AreaSummary, SummaryLine

__all__ = ["AreaSummary", "Bulletin", "Result", "Run", "RunChunk", "State", "SummaryLine", "VillageResult"]

from office.models.area import Area, AreaSuccession, Level, code_range, prefix_of
from office.models.job import Job
from office.models.officer import FormerPassword, Officer, Posting
from office.models.programme import PolicyNumber, Programme, ProgrammeClause
from office.models.statistic import Statistic
from office.models.trail import AuditEvent, ChainHead

__all__ = ["Area", "AreaSuccession", "AuditEvent", "ChainHead", "FormerPassword", "Job", "Level", "Officer",
           "PolicyNumber", "Posting", "Programme", "ProgrammeClause", "Statistic", "code_range", "prefix_of"]

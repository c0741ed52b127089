"""Roles and what each may do, as data. Pure: this is the table an official signs."""
from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    SEE_CASES = "see_cases"                    # lists, households, villages, dashboards of the own area
    REVEAL_PERSONAL = "reveal_personal"        # one masked number, with a reason, into the trail
    IMPORT_REGISTER = "import_register"
    EXPORT_REGISTER = "export_register"
    RUN_ASSESSMENT = "run_assessment"
    ENTER_STATISTIC = "enter_statistic"
    ISSUE_BULLETIN = "issue_bulletin"
    READ_PROGRAMMES = "read_programmes"        # programmes, clauses, statistics: no personal data
    RECORD_MONEY = "record_money"
    APPROVE_MONEY = "approve_money"
    PROPOSE_PROJECT = "propose_project"        # apply for a project of the own area
    REVIEW_PROJECT = "review_project"          # the township's review of an application, before the county decides
    SET_VILLAGE_SUPPORT = "set_village_support"    # whose units help a village, and who pays for it
    SEE_MONEY = "see_money"
    EXPORT_LEDGER = "export_ledger"
    SUPERVISE_MONEY = "supervise_money"        # notices, supervisors, numbers of the 涉农网, procurement
    RECORD_AUDIT = "record_audit"              # the audit plan and what was found
    MANAGE_OFFICERS = "manage_officers"        # logins: make, lock, unlock, reset
    MANAGE_POSTINGS = "manage_postings"        # who holds which role where
    READ_TRAIL = "read_trail"


class Role(models.TextChoices):
    VILLAGE_WORKER = "village_worker", "村扶贫专干"
    TOWN_CLERK = "town_clerk", "镇扶贫干部"
    TOWN_LEADER = "town_leader", "镇分管领导"
    COUNTY_OFFICE = "county_office", "县扶贫办"
    COUNTY_LEADER = "county_leader", "县领导"
    FINANCE = "finance", "财政"
    AUDITOR = "auditor", "审计"
    CITY_OFFICE = "city_office", "市扶贫办"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


@dataclass(frozen=True)
class RoleRule:
    """What a role is for (one sentence), what it may do, and at which levels of area it can be held."""

    sentence: str
    permissions: frozenset[Permission]
    levels: tuple[str, ...]

    @property
    def sees_cases(self) -> bool:
        return Permission.SEE_CASES in self.permissions


P = Permission
_EVERYONE = {P.SEE_CASES, P.READ_PROGRAMMES}


def _rule(sentence: str, levels: str, *permissions: Permission) -> RoleRule:
    return RoleRule(sentence, frozenset(permissions), tuple(levels.split()))


ROLES: dict[str, RoleRule] = {
    Role.VILLAGE_WORKER: _rule("查看和核对本村的户", "village", *_EVERYONE),
    Role.TOWN_CLERK: _rule("录入、上报和核对本镇的户，申报本镇的项目", "township", *_EVERYONE, P.REVEAL_PERSONAL,
                           P.IMPORT_REGISTER, P.EXPORT_REGISTER, P.SEE_MONEY, P.SUPERVISE_MONEY, P.PROPOSE_PROJECT),
    Role.TOWN_LEADER: _rule("审核本镇上报的材料", "township", *_EVERYONE, P.REVEAL_PERSONAL, P.EXPORT_REGISTER,
                            P.SEE_MONEY, P.REVIEW_PROJECT),
    Role.COUNTY_OFFICE: _rule("审核、考核、通报全县工作", "county", *_EVERYONE, P.REVEAL_PERSONAL, P.IMPORT_REGISTER,
                              P.EXPORT_REGISTER, P.RUN_ASSESSMENT, P.ENTER_STATISTIC, P.ISSUE_BULLETIN, P.SEE_MONEY,
                              P.APPROVE_MONEY, P.EXPORT_LEDGER, P.SUPERVISE_MONEY, P.RECORD_AUDIT,
                              P.SET_VILLAGE_SUPPORT),
    Role.COUNTY_LEADER: _rule("查看全县进展，审批资金", "county", *_EVERYONE, P.SEE_MONEY, P.APPROVE_MONEY),
    Role.FINANCE: _rule("登记资金的下达、分配和支付", "county city", *_EVERYONE, P.SEE_MONEY, P.RECORD_MONEY,
                        P.EXPORT_LEDGER, P.SUPERVISE_MONEY, P.PROPOSE_PROJECT, P.SET_VILLAGE_SUPPORT),
    Role.AUDITOR: _rule("查阅本区域全部资料，不作任何修改", "county city province", *_EVERYONE, P.REVEAL_PERSONAL,
                        P.EXPORT_REGISTER, P.SEE_MONEY, P.EXPORT_LEDGER),
    Role.CITY_OFFICE: _rule("公布统计数，查看全市，发布通报", "city", *_EVERYONE, P.EXPORT_REGISTER, P.RUN_ASSESSMENT,
                            P.ENTER_STATISTIC, P.ISSUE_BULLETIN, P.SEE_MONEY, P.APPROVE_MONEY, P.EXPORT_LEDGER,
                            P.SUPERVISE_MONEY, P.RECORD_AUDIT, P.SET_VILLAGE_SUPPORT),
    Role.SYSTEM_ADMIN: _rule("管理账号，不接触业务数据", "township county city province", P.MANAGE_OFFICERS,
                             P.READ_PROGRAMMES),
    Role.SECURITY_ADMIN: _rule("管理岗位和权限，不接触业务数据", "township county city province", P.MANAGE_POSTINGS,
                               P.READ_PROGRAMMES),
    Role.AUDIT_ADMIN: _rule("查看操作日志，不接触业务数据", "township county city province", P.READ_TRAIL,
                            P.READ_PROGRAMMES),
}

# 三权分立 (GB/T 22239-2019, third grade): held by three people, and by nobody who handles cases.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN.value, Role.SECURITY_ADMIN.value, Role.AUDIT_ADMIN.value})
# Who records money never approves it.
INCOMPATIBLE = (frozenset({Role.FINANCE.value, Role.COUNTY_OFFICE.value}),
                frozenset({Role.FINANCE.value, Role.COUNTY_LEADER.value}),
                frozenset({Role.AUDITOR.value, Role.FINANCE.value}),
                frozenset({Role.AUDITOR.value, Role.COUNTY_OFFICE.value}))


def conflict(held: set[str], new: str) -> str | None:
    """Why a person who holds these roles may not take the new one as well; None when nothing stands against it."""
    others = held - {new}
    if new in ADMINISTRATORS and others:
        return f"{Role(new).label}必须专人担任，不能与“{Role(sorted(others)[0]).label}”兼任"
    if taken := others & ADMINISTRATORS:
        return f"{Role(sorted(taken)[0]).label}必须专人担任，不能再兼任“{Role(new).label}”"
    for pair in INCOMPATIBLE:
        if new in pair and (clash := others & pair):
            return f"“{Role(new).label}”与“{Role(sorted(clash)[0]).label}”不相容，不能由同一人兼任"
    return None

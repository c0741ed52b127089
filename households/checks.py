"""Every check of the register workbook, for rows of a sheet and fields of a form alike (contract: the register workbook).

Reading a cell already answers for its own kind (number, date, label); here stand the rules between cells of a row and
between the rows of a household. Sentences name the value, the rule and the remedy; who reports them adds sheet and row.
"""
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from households.codes import ACTIVE, NOT_IN_SCHOOL, Relationship
from households.models.household import PROPERTY_PARTS, TRANSFER_PARTS
from office import identity, money

FIRST_YEAR, LAST_YEAR = 2014, 2030
SCHOOL_AGE = range(6, 16)
MAX_OTHER_CAUSES = 2
FEN_TOLERANCE = 1   # per head, between the income a file states and the one computed from its headings

Values = dict[str, Any]
VillageRule = Callable[[str], str | None]


class Issue(NamedTuple):
    """What is wrong at one column (its key): E refuses the household, W leaves a doubt."""

    column: str
    severity: str
    sentence: str


def error(column: str, sentence: str) -> Issue:
    return Issue(column, "E", sentence)


def doubt(column: str, sentence: str) -> Issue:
    return Issue(column, "W", sentence)


# One row of the sheet 贫困户

def household_issues(values: Values, bad: Mapping, village_error: VillageRule) -> list[Issue]:
    """Issues between the cells of a household row; `bad` are columns that could not be read.

    Completes the row: names without spaces, and a blank income heading as the sum of its parts.
    """
    issues = year_issues(values)
    number, year = values["household_id"], values["year"]
    if number is not None and (sentence := household_number_error(number, village_error)):
        issues.append(error("household_id", sentence))
    identified = values.get("first_identified_on")
    if identified is not None and year is not None and identified.year > year:
        issues.append(error("first_identified_on", f"首次识别时间 {identified} 晚于年度 {year}，请核对其中之一"))
    if values["head_name"]:
        values["head_name"] = identity.normal_name(values["head_name"])
    issues += _cause_issues(values)
    if (card := values.get("bank_card")) and (sentence := identity.bank_card_error(card)):
        issues.append(doubt("bank_card", sentence))
    for heading, parts, label in (("property_income", PROPERTY_PARTS, "财产性收入"),
                                  ("transfer_income", TRANSFER_PARTS, "转移性收入")):
        issues += _sum_issues(values, bad, heading, parts, label)
    if values.get("housing_secure") and values.get("danger_level") in ("C", "D"):
        issues.append(doubt("danger_level", f"危房级别为 {values['danger_level']} 级，而“住房安全有保障”填的是“是”，请核实"))
    return issues


def year_issues(values: Values) -> list[Issue]:
    year = values["year"]
    if year is None or FIRST_YEAR <= year <= LAST_YEAR:
        return []
    return [error("year", f"年度 {year} 超出范围，应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，请核对")]


def household_number_error(number: str, village_error: VillageRule) -> str | None:
    if len(number) != 16 or not (number.isascii() and number.isdigit()):
        return f"户编号“{number}”应为 16 位数字（12 位行政村代码加 4 位户序号），请核对"
    return village_error(number[:12])


def _cause_issues(values: Values) -> list[Issue]:
    others = values.get("other_causes")
    if not others:
        return []
    if len(others) > MAX_OTHER_CAUSES:
        return [error("other_causes", f"其他致贫原因填了 {len(others)} 项，最多 {MAX_OTHER_CAUSES} 项，请删减")]
    if values["main_cause"] in others:
        return [error("other_causes", "其他致贫原因与主要致贫原因重复，请删去重复的一项")]
    return []


def _sum_issues(values: Values, bad: Mapping, heading: str, parts: Sequence[str], label: str) -> list[Issue]:
    """Where parts of a heading are given, the heading is blank or their sum."""
    filled = [amount for part in parts if (amount := values.get(part)) is not None]
    if not filled or heading in bad or any(part in bad for part in parts):
        return []
    total = sum(filled)
    stated = values.get(heading)
    if stated is None:
        values[heading] = total
        return []
    return [] if stated == total else [error(heading, sum_sentence(label, stated, total))]


def sum_sentence(label: str, stated: Decimal, total: Decimal) -> str:
    return (f"{label} {money.plain(stated)} 元不等于其各项之和 {money.plain(total)} 元，"
            f"请改正有误的一项，或把{label}留空由系统合计")


# One row of the sheet 贫困人口

def member_issues(values: Values, bad: Mapping, today: dt.date) -> list[Issue]:
    """Issues between the cells of a member row; completes it (name and ID number in their normal form)."""
    issues: list[Issue] = []
    number, household = values["member_id"], values["household_id"]
    if number is not None and (len(number) != 18 or not number.isascii() or not number.isdigit()
                               or (household is not None and not number.startswith(household))):
        issues.append(error("member_id", f"人编号“{number}”应为户编号加 2 位序号，共 18 位数字，请核对"))
    if values["name"]:
        values["name"] = identity.normal_name(values["name"])
        if sentence := identity.name_error(values["name"]):
            issues.append(doubt("name", sentence))
    citizen = values["id_number"]
    if citizen is not None:
        citizen = values["id_number"] = identity.normal_number(citizen)
        if sentence := identity.citizen_number_error(citizen, today):
            issues.append(error("id_number", sentence))
            citizen = None
        else:
            issues += _person_doubts(values, citizen)
    card = values.get("disability_card")
    if card is not None:
        card = values["disability_card"] = identity.normal_number(card)
        if sentence := identity.disability_card_error(card, citizen):
            issues.append(doubt("disability_card", sentence))
    return issues


@lru_cache(maxsize=4096)
def _prefix_doubt(prefix: str) -> str | None:
    return identity.citizen_number_warning(prefix)


def _person_doubts(values: Values, citizen: str) -> list[Issue]:
    """What the ID number says against other cells of the row."""
    issues = []
    if sentence := _prefix_doubt(citizen[:6]):
        issues.append(doubt("id_number", sentence))
    stated = values.get("sex")
    if stated in ("male", "female") and (stated == "male") != (int(citizen[16]) % 2 == 1):
        issues.append(doubt("sex", f"性别与证件号码不一致（证件号码表示为{identity.sex(citizen)}），请核对"))
    if values.get("school_status") == NOT_IN_SCHOOL and values["year"] is not None:
        age = values["year"] - int(citizen[6:10])   # on 31 December of the year
        if age in SCHOOL_AGE:
            issues.append(doubt("school_status", f"{values['year']} 年末 {age} 岁，属义务教育年龄而填“非在校生”，请核实"))
    return issues


# One row of the sheet 村

def village_issues(values: Values, bad: Mapping, village_error: VillageRule) -> list[Issue]:
    issues = year_issues(values)
    code = values["village_id"]
    if code is not None:
        if len(code) != 12 or not (code.isascii() and code.isdigit()):
            issues.append(error("village_id", f"行政村代码“{code}”应为 12 位数字，请核对"))
        elif sentence := village_error(code):
            issues.append(error("village_id", sentence))
    done, needed = values.get("hardened_natural_villages"), values.get("natural_villages_to_harden")
    if done is not None and needed is not None and done > needed:
        issues.append(error("hardened_natural_villages",
                            f"路面硬化自然村数 {done} 多于应硬化自然村数 {needed}，请核对"))
    return issues


# The rows of one household and year together

class Person(NamedTuple):
    """What the rules of a household need of a member; `place` says where to report (None: only in the register)."""

    number: str
    name: str
    relationship: str
    status: str
    place: Any

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def heads(self) -> bool:
        return self.relationship == Relationship.HEAD.value and self.active


def head_issue(head_name: str, people: Sequence[Person]) -> tuple[Person | None, Issue] | None:
    """Exactly one active head, and the household bears that name. None as the person: report at the household."""
    heads = [person for person in people if person.heads]
    if not heads:
        return None, error("head_name", "本户没有与户主关系为“户主”的在册成员，请在“贫困人口”表中补上户主")
    if len(heads) > 1:
        listed = "、".join(f"{head.name}（{head.number[-2:]}）" for head in heads)
        named = next((head for head in reversed(heads) if head.place is not None), heads[-1])
        return named, error("relationship", f"本户有 {len(heads)} 名户主：{listed}；只能有一名，请改正其余人的与户主关系")
    if head_name and heads[0].name and heads[0].name != head_name:
        return None, error("head_name", f"户主姓名“{head_name}”与成员中的户主“{heads[0].name}”不一致，请改成一致")
    return None


def size_issue(declared: int | None, people: Sequence[Person]) -> Issue | None:
    """The stated size is the number of active members, of the sheet and of the register together."""
    active = sum(person.active for person in people)
    if declared is None or declared == active:
        return None
    kept = sum(person.active for person in people if person.place is None)
    note = f"（含登记库中已有而本表未列的 {kept} 人；已离户的请列出并填人员状态“自然减少”）" if kept else ""
    return error("declared_size", f"家庭人口数 {declared} 与在册成员 {active} 人不符{note}，请改正人口数或补齐成员")


def income_issue(stated: int | None, net: int, active: int) -> Issue | None:
    """Stated income per head (fen) against net income / active members: a difference above 0.01 yuan is doubtful."""
    if stated is None or not active or abs(stated * active - net) <= FEN_TOLERANCE * active:
        return None
    computed = money.round_half_up(Decimal(net).scaleb(-2) / active)
    return doubt("declared_pc_income", f"人均可支配收入 {money.plain(money.from_fen(stated))} 元与按各项收入计算的 "
                                       f"{computed} 元不符（系统按各项收入计算），请核对")

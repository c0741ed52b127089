"""The register workbook as one table of columns, read and written by the same rows (contract: the register workbook).

A column's key is the attribute of the model. `RegisterColumn.stored` turns what a cell says into the form in which the
importer compares and keeps it (money in fen, measures in hundredths, dates as text, lists joined); `shown` turns that
form back into what a cell of an export holds.
"""
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import models

from households.codes import (
    EDUCATION_LEVELS,
    ETHNICITIES,
    FUEL_TYPES,
    HEALTH_STATES,
    POLITICAL_STATES,
    ROAD_TYPES,
    SCHOOL_STATES,
    SYNONYMS,
    WORK_REGIONS,
    Category,
    Cause,
    DangerLevel,
    LabourSkill,
    LeftBehind,
    MemberStatus,
    Relationship,
    Residence,
    Sex,
    Standard,
)
from households.models import HouseholdYear, MemberYear
from office.money import from_fen, to_fen
from office.workbooks import Column, Layout
from villages.models import VillageYear

HOUSEHOLDS, MEMBERS, VILLAGES = "贫困户", "贫困人口", "村"
CAUSES, STATES_OF_HEALTH = ",", "、"   # how several labels stand in one column of the database


@dataclass(frozen=True)
class RegisterColumn(Column):
    """A column that also knows its form in the database.

    `blank` is what an empty cell stands for; `personal` names the mask (id, card, phone) of a number that is stored
    encrypted.
    """

    blank: Any = None
    separator: str = ""
    personal: str = ""

    def stored(self, value: Any) -> Any:
        """The value of a cell, as the importer keeps it."""
        if value is None:
            return self.blank
        return value if self.convert is None else self.convert(value)

    @cached_property
    def convert(self) -> Callable[[Any], Any] | None:
        """How a cell's value becomes what is kept; None when it is kept as it is."""
        if self.kind == "money":
            return to_fen
        if self.kind == "number":
            return lambda value: int(value.scaleb(2))
        if self.kind == "date":
            return dt.date.isoformat
        return self.separator.join if self.separator else None

    def from_database(self, raw: Any) -> Any:
        """A raw database value (both databases) in the same form; personal numbers must be decrypted already."""
        if raw is None:
            return self.blank if self.kind == "text" else None
        if self.kind == "yesno":
            return bool(raw)
        if self.kind == "number":
            return round(raw * 100)
        return str(raw) if self.kind == "date" else raw

    def to_database(self, value: Any) -> Any:
        """The kept form as a database value; personal numbers are encrypted by the caller."""
        return str(Decimal(value).scaleb(-2)) if self.kind == "number" and value is not None else value

    def shown(self, value: Any) -> Any:
        """The kept form as the writer of workbooks takes it, and as people read it; None for a blank."""
        if value is None or value == "":
            return None
        if self.kind == "money":
            return from_fen(value)
        if self.kind == "number":
            return Decimal(value).scaleb(-2)
        if self.kind == "date":
            return dt.date.fromisoformat(value)
        return tuple(value.split(self.separator)) if self.separator else value


def _length(model: type[models.Model], key: str) -> int:
    return model._meta.get_field(key).max_length or 200


def _text(model, key, label, **options) -> RegisterColumn:
    return RegisterColumn(key, label, "text", max_length=_length(model, key), blank="", **options)


def _digits(key, label, **options) -> RegisterColumn:
    return RegisterColumn(key, label, "digits", max_length=40, blank="", **{"width": 22, **options})


def _labels(codes: type[models.TextChoices]) -> dict[str, str]:
    """Labels and their other spellings to plain codes; the label itself comes first, so it is the one written."""
    known = {label: str(value) for value, label in codes.choices}
    return known | {label: str(value) for label, value in SYNONYMS.get(codes, {}).items()}


def _choice(model, key, label, codes: Mapping[str, str] | tuple[str, ...] | type[models.TextChoices], *, kind="choice",
            **options) -> RegisterColumn:
    choices = _labels(codes) if isinstance(codes, type) else codes
    return RegisterColumn(key, label, kind, choices=choices, max_length=_length(model, key), **{"blank": "", **options})


def _yes_no(key: str, label: str, **options) -> RegisterColumn:
    return RegisterColumn(key, label, "yesno", width=max(8, 2 * len(label)), **options)


def _money(key: str, label: str, **options) -> RegisterColumn:
    return RegisterColumn(key, label, "money", **{"min": 0, "width": 14, **options})


def _heading(key: str, label: str, *, required: bool = True) -> RegisterColumn:
    """An income heading: a blank counts as nothing earned."""
    return _money(key, label, required=required, may_be_blank=True, blank=0)


def _measure(key: str, label: str, **options) -> RegisterColumn:
    return RegisterColumn(key, label, "number", min=0, places=2, **options)


def _count(key: str, label: str) -> RegisterColumn:
    return RegisterColumn(key, label, "integer", min=0)


_YEAR = RegisterColumn("year", "年度", "integer", required=True, width=8)
# On the sheet 贫困人口 it only leads to the household; the model reaches it through the household-year.
_HOUSEHOLD_NO = _digits("household_id", "户编号", required=True, aliases=("户码",))

HOUSEHOLD_COLUMNS = Layout([
    _YEAR,
    _HOUSEHOLD_NO,
    RegisterColumn("first_identified_on", "首次识别时间", "date"),
    _text(HouseholdYear, "head_name", "户主姓名", required=True),
    RegisterColumn("declared_size", "家庭人口数", "integer", min=0, max=99, aliases=("人口数", "人数")),
    _choice(HouseholdYear, "residence", "城乡类别", Residence, blank=Residence.RURAL.value),
    _choice(HouseholdYear, "standard", "识别标准", Standard),
    _choice(HouseholdYear, "category", "贫困户属性", Category, required=True, choice_error=True),
    RegisterColumn("labour_capacity", "劳动能力", "choice", required=True, choice_error=True,
                   choices={"有劳动能力": True, "无劳动能力": False}),
    _choice(HouseholdYear, "main_cause", "主要致贫原因", Cause, required=True, choice_error=True,
            aliases=("致贫原因",), width=18),
    _choice(HouseholdYear, "other_causes", "其他致贫原因", Cause, kind="choices", choice_error=True, separator=CAUSES,
            width=18),
    _digits("phone", "联系电话", personal="phone"),
    _text(HouseholdYear, "bank_name", "开户银行名称", width=20),
    _digits("bank_card", "银行卡号", personal="card"),
    _heading("wage_income", "工资性收入"),
    _heading("operating_income", "生产经营性收入"),
    _heading("operating_expense", "生产经营性支出"),
    _heading("property_income", "财产性收入"),
    _money("dividend_income", "资产收益扶贫分红收入", width=22),
    _money("other_property_income", "其他财产性收入"),
    _heading("transfer_income", "转移性收入"),
    _money("family_planning_income", "计划生育金"),
    _money("dibao_income", "低保金"),
    _money("tekun_income", "五保金"),
    _money("pension_income", "养老保险金"),
    _money("ecological_income", "生态补偿金"),
    _money("other_transfer_income", "其他转移性收入"),
    _heading("transfer_expense", "转移性支出", required=False),
    _money("declared_pc_income", "人均可支配收入", min=None),
    _yes_no("on_dibao", "是否纳入低保"),
    _yes_no("food_secure", "不愁吃"),
    _yes_no("clothing_secure", "不愁穿"),
    _yes_no("education_secure", "义务教育有保障"),
    _yes_no("medical_secure", "基本医疗有保障"),
    _yes_no("housing_secure", "住房安全有保障"),
    _yes_no("water_secure", "饮水安全"),
    _yes_no("dangerous_house", "是否危房户"),
    _choice(HouseholdYear, "danger_level", "危房级别", _labels(DangerLevel) | {f"{c}级": c for c in DangerLevel.values}),
    _yes_no("has_electricity", "是否通生活用电"),
    _yes_no("has_broadcast", "是否通广播电视"),
    _yes_no("has_network", "是否通网络"),
    _yes_no("has_sanitary_toilet", "是否有卫生厕所"),
    _yes_no("in_cooperative", "是否加入农民专业合作组织"),
    _measure("housing_area", "住房面积", max=99_999),
    _measure("arable_area", "耕地面积", max=99_999),
    _measure("forest_area", "林地面积", max=99_999),
    _measure("orchard_area", "林果面积", max=99_999),
    _measure("water_area", "水面面积", max=99_999),
    _measure("road_distance", "与村主干路距离", max=9_999, width=16),
    _choice(HouseholdYear, "road_type", "入户路类型", ROAD_TYPES),
    _choice(HouseholdYear, "fuel_type", "主要燃料类型", FUEL_TYPES),
])

_PEOPLES = {f"{name}族": f"{name}族" for name in ETHNICITIES if name != "其他"}
_PEOPLES |= {name: f"{name}族" for name in ETHNICITIES if name != "其他"} | {"其他": "其他", "外国血统": "外国血统"}

MEMBER_COLUMNS = Layout([
    _YEAR,
    _HOUSEHOLD_NO,
    _digits("member_id", "人编号", required=True),
    _text(MemberYear, "name", "姓名", required=True),
    _digits("id_number", "证件号码", required=True, personal="id",
            aliases=("身份证号", "身份证号码", "公民身份号码")),
    _choice(MemberYear, "relationship", "与户主关系", Relationship, required=True, choice_error=True,
            aliases=("与户主的关系",)),
    _choice(MemberYear, "sex", "性别", Sex),
    _choice(MemberYear, "ethnicity", "民族", _PEOPLES),
    _choice(MemberYear, "political_status", "政治面貌", POLITICAL_STATES),
    _choice(MemberYear, "education", "文化程度", EDUCATION_LEVELS, width=16),
    _choice(MemberYear, "school_status", "在校生状况", SCHOOL_STATES),
    _choice(MemberYear, "health", "健康状况", HEALTH_STATES, kind="choices", separator=STATES_OF_HEALTH, width=16),
    _digits("disability_card", "残疾证号", personal="card"),
    _choice(MemberYear, "labour_skill", "劳动技能", LabourSkill, required=True, width=20),
    _choice(MemberYear, "work_region", "务工区域", WORK_REGIONS, width=16),
    RegisterColumn("work_months", "务工时间", "number", min=0, max=12, places=2, aliases=("务工时间(月)",)),
    _yes_no("has_medical_insurance", "参加城乡居民基本医疗保险"),
    _yes_no("has_critical_illness_cover", "参加大病医疗", aliases=("是否参加大病医疗",)),
    _yes_no("has_pension_insurance", "参加城乡居民基本养老保险"),
    _choice(MemberYear, "status", "人员状态", MemberStatus, blank=MemberStatus.NORMAL.value),
    _choice(MemberYear, "left_behind", "留守类型", LeftBehind),
    _digits("phone", "联系电话", personal="phone"),
])

VILLAGE_COLUMNS = Layout([
    _YEAR,
    _digits("village_id", "行政村代码", required=True, aliases=("行政区划代码", "村编码"), width=16),
    _yes_no("is_poor_village", "是否相对贫困村", required=True),
    _count("registered_households", "户籍户数"),
    _count("registered_population", "户籍人口"),
    _money("pc_disposable_income", "村民人均可支配收入", width=20),
    _money("collective_income", "村集体经济收入", width=16),
    RegisterColumn("safe_water_rate", "安全饮水率", "number", min=0, max=100, places=2),
    RegisterColumn("tap_water_rate", "自来水普及率", "number", min=0, max=100, places=2),
    _count("hardened_natural_villages", "路面硬化自然村数"),
    _count("natural_villages_to_harden", "应硬化自然村数"),
    _yes_no("has_standard_clinic", "是否有标准化卫生站"),
    _yes_no("has_bus", "是否通客车"),
    _yes_no("has_broadband", "是否通宽带网络"),
    _yes_no("has_broadcast", "广播电视是否覆盖"),
    _yes_no("has_service_platform", "是否有综合服务平台"),
])

SHEETS: dict[str, Layout] = {HOUSEHOLDS: HOUSEHOLD_COLUMNS, MEMBERS: MEMBER_COLUMNS, VILLAGES: VILLAGE_COLUMNS}
MODELS: dict[str, type[models.Model]] = {HOUSEHOLDS: HouseholdYear, MEMBERS: MemberYear, VILLAGES: VillageYear}

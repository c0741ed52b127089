"""The workbook of the journey's clerk: twelve households in two real villages, three of them with a mistake."""
import csv
from functools import cache
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment

from office.registers import AREAS_2017
from tests.households.workbook import citizen_number

YEAR, HOUSEHOLDS = 2018, 12
SURNAMES = "陈李张黄刘钟曾古魏温邓周"
MISTAKES = {3: "证件号码", 6: "家庭人口数", 9: "劳动能力"}
"""Household (1–12) → the column that is wrong there."""


@cache
def villages(town: str) -> list[str]:
    """The first two villages of a township, from the shipped divisions."""
    with open(AREAS_2017, encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file) if row["parent_code"] == town]
    return sorted(codes)[:2]


def number_of(town: str, serial: int) -> str:
    """16 digits; the serials from 9000 on are not used by the demonstration."""
    return f"{villages(town)[serial % 2]}{9000 + serial}"


def rows(town: str, serial: int) -> tuple[dict, list[dict]]:
    """A household of two with its members; the income of the first ones lies below the line of 2018."""
    no, head = number_of(town, serial), f"{SURNAMES[serial - 1]}志强"
    household = {
        "年度": YEAR, "户编号": no, "户主姓名": head, "家庭人口数": 2, "贫困户属性": "一般贫困户", "劳动能力": "有劳动能力",
        "主要致贫原因": "因病", "工资性收入": 9000 + 1500 * serial, "生产经营性收入": 2400.5, "生产经营性支出": 600,
        "财产性收入": 0, "转移性收入": 380.25, "是否纳入低保": "否", "不愁吃": "是", "不愁穿": "是", "义务教育有保障": "是",
        "基本医疗有保障": "是", "住房安全有保障": "是"}
    people = [
        {"年度": YEAR, "户编号": no, "人编号": f"{no}{position:02d}", "姓名": name, "证件号码": number, "与户主关系": relation,
         "性别": "男", "劳动技能": "普通劳动力"}
        for position, name, relation, number in (
            (1, head, "户主", citizen_number(2 * serial + 801, "19651107")),
            (2, f"{head[0]}小明", "之子", citizen_number(2 * serial + 801, "19931107")))]
    return household, people


def build(path: Path, town: str) -> Path:
    """As a clerk keeps it: a title above the header, and the three mistakes."""
    households, members = [], []
    for serial in range(1, HOUSEHOLDS + 1):
        household, people = rows(town, serial)
        if serial == 3:
            right = people[0]["证件号码"]
            people[0]["证件号码"] = right[:-1] + ("1" if right[-1] != "1" else "2")
        elif serial == 6:
            household["家庭人口数"] = 3
        elif serial == 9:
            household["劳动能力"] = "一般"
        households.append(household)
        members += people
    book = Workbook()
    book.remove(book.active)
    for name, lines in (("贫困户", households), ("贫困人口", members)):
        sheet = book.create_sheet(name)
        sheet.append([f"水寨镇{YEAR}年{name}登记表"])
        sheet.append(list(lines[0]))
        for line in lines:
            sheet.append(list(line.values()))
    book["贫困户"]["A1"].comment = Comment("镇扶贫办留存", "镇扶贫办")
    book.save(path)
    return path


def correct(book, town: str) -> None:
    """Put the right values into the cells that the check has marked, as the clerk does in Excel."""
    for serial, label in MISTAKES.items():
        household, people = rows(town, serial)
        sheet = book["贫困人口" if label == "证件号码" else "贫困户"]
        labels = [cell.value for cell in sheet[2]]
        line = 2 + (2 * serial - 1 if label == "证件号码" else serial)
        sheet.cell(line, labels.index(label) + 1).value = (people[0] if label == "证件号码" else household)[label]

"""Register workbooks as a clerk would fill them, built with openpyxl: rows are dictionaries by column label."""
import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from openpyxl import Workbook

from office.identity import check_character

VILLAGE = "441424134001"   # a village of 五华县, in the 2017 divisions
SHEETS = ("贫困户", "贫困人口", "村")


def citizen_number(serial: int, birth: str = "19700203", *, prefix: str = "441424") -> str:
    """A formally right number; `serial` 1–999, odd for men."""
    first = f"{prefix}{birth}{serial:03d}"
    return first + check_character(first)


def household_no(serial: int, village: str = VILLAGE) -> str:
    return f"{village}{serial:04d}"


def household(serial: int = 1, year: int = 2018, **cells) -> dict:
    """A household of one or more members, on the safe side of every rule."""
    return {"年度": year, "户编号": household_no(serial), "户主姓名": "张三", "家庭人口数": 1, "贫困户属性": "一般贫困户",
            "劳动能力": "有劳动能力", "主要致贫原因": "因病", "工资性收入": 10000, "生产经营性收入": 2000.5,
            "生产经营性支出": 500, "财产性收入": 0, "转移性收入": 0, "是否纳入低保": "否", "不愁吃": "是", "不愁穿": "是",
            "义务教育有保障": "是", "基本医疗有保障": "是", "住房安全有保障": "是"} | cells


def member(serial: int = 1, person: int = 1, year: int = 2018, **cells) -> dict:
    """Member `person` of household `serial`: the first is the head 张三."""
    return {"年度": year, "户编号": household_no(serial), "人编号": f"{household_no(serial)}{person:02d}",
            "姓名": "张三" if person == 1 else f"张{'四五六七八九'[person - 2]}",
            "证件号码": citizen_number(serial * 10 + person * 2 - 1), "与户主关系": "户主" if person == 1 else "之子",
            "性别": "男", "劳动技能": "普通劳动力"} | cells


def village(year: int = 2018, **cells) -> dict:
    return {"年度": year, "行政村代码": VILLAGE, "是否相对贫困村": "是", "村民人均可支配收入": 12000.5} | cells


def build(path: Path, households=(), members=(), villages=(), *, title: str = "", extra=()) -> Path:
    """Write the sheets that have rows; columns in the order in which rows first name them."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in zip(SHEETS, (households, members, villages), strict=True):
        rows = list(rows)
        if not rows:
            continue
        sheet = book.create_sheet(name)
        if title:
            sheet.append([title])
        labels = list(dict.fromkeys(label for row in rows for label in row))
        sheet.append(labels)
        for row in rows:
            sheet.append([row.get(label) for label in labels])
    for name in extra:
        book.create_sheet(name).append(["说明"])
    book.save(path)
    return path


class Answer:
    """What a command said: exit code, the JSON of its last line, its sentence on stderr."""

    def __init__(self, name: str, *arguments, **options) -> None:
        out, err = StringIO(), StringIO()
        self.code = 0
        try:
            call_command(name, *map(str, arguments), stdout=out, stderr=err, **options)
        except SystemExit as stopped:
            self.code = stopped.code
        self.out, self.err = out.getvalue(), err.getvalue()
        self.json = json.loads(self.out.strip().splitlines()[-1]) if self.out.strip() else None

    def counts(self, kind: str) -> tuple[int, int, int, int]:
        """created, updated, unchanged, refused."""
        return tuple(self.json[kind][key] for key in ("created", "updated", "unchanged", "refused"))

    @property
    def findings(self) -> tuple[int, int]:
        """errors, warnings."""
        return self.json["findings"]["errors"], self.json["findings"]["warnings"]


def import_file(path: Path, *options: str, programme: str = "MZ2016") -> Answer:
    return Answer("import_workbook", path, "--programme", programme, *options)

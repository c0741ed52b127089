"""Reference data in: areas, their later codes, the programmes, the published figures. Loading twice changes nothing."""
import csv
import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from office.models import Area, AreaSuccession, Level, PolicyNumber, Programme, ProgrammeClause, Statistic, prefix_of
from office.models.statistic import Basis, StatisticKey
from office.programme_files import ProgrammeFile, read_programme

DATA = Path(settings.BASE_DIR) / "office" / "data"
PROGRAMMES = Path(settings.BASE_DIR) / "office" / "programmes"
AREAS_2017 = DATA / "divisions_gd4_2017.csv"
STATISTICS = DATA / "statistics.csv"
CROSSWALKS = ((DATA / "divisions_crosswalk_2017_to_2019.csv", 2017, 2019),
              (DATA / "divisions_crosswalk_2019_to_2023.csv", 2019, 2023))
# Cut-off dates of the editions of the divisions (office/data/README.md).
EDITION_ENDS = {2017: datetime.date(2019, 10, 30), 2019: datetime.date(2023, 6, 29)}


class RegisterError(ValueError):
    """A file that cannot be loaded; the sentence names file, row, column, value and what belongs there."""


@dataclass
class Loaded:
    """Rows of a load by what happened to them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def load_areas(path: Path) -> Loaded:
    """Upsert areas from a CSV with code, name, level, parent_code. One bad row refuses the whole file."""
    rows = {}
    for where, row in _rows(path, ("code", "name", "level", "parent_code")):
        code, name, level, parent = (row[c] for c in ("code", "name", "level", "parent_code"))
        if len(code) != 12 or not (code.isascii() and code.isdigit()):
            raise RegisterError(f"{where} code 列“{code}”不是12位数字代码，请按统计用区划代码填写（文本格式）")
        if code in rows:
            raise RegisterError(f"{where} code 列“{code}”重复，请只保留一行")
        if level not in Level.values:
            raise RegisterError(f"{where} level 列“{level}”应为 province、city、county、township、village 之一")
        if not name or len(name) > 60:
            raise RegisterError(f"{where} name 列不能为空，且不超过60字")
        if level != Level.PROVINCE and not parent:
            raise RegisterError(f"{where} parent_code 列不能为空：省以下的区划必须有上级")
        rows[code] = (name, level, parent or None, where)
    levels = dict(Area.objects.values_list("code", "level")) | {code: row[1] for code, row in rows.items()}
    for code, (_, level, parent, where) in rows.items():
        if parent and parent not in levels:
            raise RegisterError(f"{where} parent_code 列“{parent}”在文件和数据库中都没有，请先加入上级区划")
        if parent and not code.startswith(prefix_of(parent)):
            raise RegisterError(f"{where} 代码 {code} 与上级代码 {parent} 不一致，请核对")
        if parent and Level.values.index(levels[parent]) >= Level.values.index(level):
            raise RegisterError(f"{where} 上级 {parent} 的级别应高于 {code}，请核对 level 和 parent_code")
    return _upsert_areas(rows)


def _upsert_areas(rows: dict) -> Loaded:
    loaded, create, change = Loaded(), [], []
    existing = Area.objects.in_bulk(list(rows)) if len(rows) < 900 else {a.code: a for a in Area.objects.all()}
    for code in sorted(rows, key=lambda c: (len(prefix_of(c)), c)):
        name, level, parent, _ = rows[code]
        area = existing.get(code)
        if area is None:
            create.append(Area(code=code, name=name, level=level, parent_id=parent))
        elif (area.name, area.level, area.parent_id) != (name, level, parent):
            area.name, area.level, area.parent_id = name, level, parent
            change.append(area)
        else:
            loaded.unchanged += 1
    with transaction.atomic():
        Area.objects.bulk_create(create, batch_size=1000)
        Area.objects.bulk_update(change, ["name", "level", "parent"], batch_size=500)
    loaded.created, loaded.changed = len(create), len(change)
    return loaded


def ensure_area(code: str) -> bool:
    """Whether the area is there; one that is not is taken, with the areas above it, from the shipped edition."""
    if Area.objects.filter(pk=code).exists():
        return True
    wanted = {code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)}
    shipped = {row["code"]: (row["name"], row["level"], row["parent_code"] or None, where)
               for where, row in _rows(AREAS_2017, ("code", "name", "level", "parent_code")) if row["code"] in wanted}
    if code not in shipped:
        return False
    known = set(Area.objects.filter(pk__in=shipped).values_list("pk", flat=True))
    _upsert_areas({key: row for key, row in shipped.items() if key not in known})
    return True


def load_crosswalk(path: Path, from_edition: int, to_edition: int) -> Loaded:
    """Load what became of codes in a later edition; a code that is gone or recoded ends with its edition."""
    loaded, create, ended = Loaded(), [], []
    known = set(AreaSuccession.objects.filter(from_edition=from_edition, to_edition=to_edition)
                .values_list("old_code", "new_code"))
    for _, row in _rows(path, ("change", "old_code", "old_name", "new_code", "new_name")):
        if (row["old_code"], row["new_code"]) in known:
            loaded.unchanged += 1
            continue
        create.append(AreaSuccession(
            change=row["change"], old_code=row["old_code"], old_name=row["old_name"], new_code=row["new_code"],
            new_name=row["new_name"], from_edition=from_edition, to_edition=to_edition))
        if row["change"] in ("recoded", "gone"):
            ended.append(row["old_code"])
    with transaction.atomic():
        AreaSuccession.objects.bulk_create(create, batch_size=1000)
        for start in range(0, len(ended), 500):
            Area.objects.filter(code__in=ended[start:start + 500], valid_to=None).update(
                valid_to=EDITION_ENDS[from_edition])
    loaded.created = len(create)
    return loaded


def shipped_programmes() -> list[str]:
    return sorted(path.stem for path in PROGRAMMES.glob("*.yaml"))


def load_programmes(keys: Iterable[str]) -> list[str]:
    """Load programmes shipped with the product; a programme whose file has not changed is left as it is."""
    loaded, shipped = [], shipped_programmes()
    keys = list(dict.fromkeys(keys))
    for key in keys:
        if key not in shipped:
            raise RegisterError(f"没有代号为“{key}”的政策文件；可用的有：{'、'.join(shipped)}")
    for key in keys:
        path = PROGRAMMES / f"{key}.yaml"
        content = path.read_bytes()
        _store_programme(read_programme(path), hashlib.sha256(content).hexdigest(), yaml.safe_load(content))
        loaded.append(key)
    return loaded


def _store_programme(file: ProgrammeFile, digest: str, content: dict) -> None:
    if Programme.objects.filter(pk=file.key, digest=digest).exists():
        return
    if not ensure_area(file.area):
        raise RegisterError(f"政策文件 {file.key} 适用的区域 {file.area} 还没有载入，请先执行 load_areas")
    body = {part: content[part] for part in ("lines", "criteria", "advisory", "targets")}
    with transaction.atomic():
        programme, _ = Programme.objects.update_or_create(pk=file.key, defaults={
            "name": file.name, "document_number": file.document.number, "title": file.document.title,
            "issuers": list(file.document.issuers), "issued_on": file.document.date, "area_id": file.area,
            "start_year": file.start_year, "end_year": file.end_year, "digest": digest,
            "body": json.loads(json.dumps(body, default=str)) | {"date_note": file.document.date_note}})
        programme.numbers.all().delete()
        programme.clauses.all().delete()
        PolicyNumber.objects.bulk_create([
            PolicyNumber(programme=programme, key=n.key, label=n.label, value=n.value, unit=n.unit or "",
                         effective_from=n.effective_from, clause=n.clause or "", quote=n.quote or "",
                         note=n.note or "")
            for n in file.numbers])
        ProgrammeClause.objects.bulk_create([
            ProgrammeClause(programme=programme, position=position, section=c.section, clause=c.clause, label=c.label,
                            text=c.text, values=c.values or "", quote=c.quote)
            for position, c in enumerate(file.clauses, start=1)])


def load_statistics(path: Path) -> tuple[Loaded, set[tuple[str, int]]]:
    """Upsert published figures; also returns the (key, year) pairs that were created or changed.

    A row is identified by key, area, year, basis and known_on; another value corrects it in place, with history.
    """
    loaded, touched = Loaded(), set()
    parsed = {}
    for where, row in _rows(path, ("key", "area_code", "year", "basis", "value", "known_on", "source")):
        identity, content = _statistic(where, row)
        if parsed.setdefault(tuple(identity.values()), (identity, content))[1] is not content:
            raise RegisterError(f"{where} 与前面一行的 key、area_code、year、basis、known_on 都相同，请只保留一行")
    with transaction.atomic():
        for identity, content in parsed.values():
            statistic = Statistic.objects.filter(**identity).first()
            if statistic is None:
                Statistic.objects.create(**identity, **content)
                loaded.created += 1
            elif (statistic.value, statistic.source) != (content["value"], content["source"]):
                statistic.value, statistic.source = content["value"], content["source"]
                statistic.save()
                loaded.changed += 1
            else:
                loaded.unchanged += 1
                continue
            touched.add((identity["key"], identity["year"]))
    return loaded, touched


def _statistic(where: str, row: dict) -> tuple[dict, dict]:
    if row["key"] not in StatisticKey.values:
        raise RegisterError(f"{where} key 列“{row['key']}”不认识；可用的有：{'、'.join(StatisticKey.values)}")
    if row["basis"] not in Basis.values:
        raise RegisterError(f"{where} basis 列“{row['basis']}”应为 actual（公布数）或 forecast（预测数）")
    if not ensure_area(row["area_code"]):
        raise RegisterError(f"{where} area_code 列“{row['area_code']}”没有这个区划，请先载入或核对代码")
    try:
        year = int(row["year"])
        value = Decimal(row["value"].replace(",", ""))
    except (ValueError, InvalidOperation) as error:
        raise RegisterError(f"{where} year 列“{row['year']}”或 value 列“{row['value']}”不是数字") from error
    if not 2010 <= year <= 2040:
        raise RegisterError(f"{where} year 列“{year}”不在2010—2040之间")
    if not value.is_finite() or not 0 < value < Decimal(10) ** 10 or value != round(value, 4):
        raise RegisterError(f"{where} value 列“{row['value']}”应为大于零、至多四位小数的数")
    try:
        known_on = datetime.date.fromisoformat(row["known_on"])
    except ValueError as error:
        raise RegisterError(f"{where} known_on 列“{row['known_on']}”不是日期，请写成 2019-02-28 的形式") from error
    if not row["source"]:
        raise RegisterError(f"{where} source 列不能为空：每个数都要写明出处")
    identity = {"key": row["key"], "area_id": row["area_code"], "year": year, "basis": row["basis"],
                "known_on": known_on}
    return identity, {"value": value, "source": row["source"]}


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a CSV with their place for messages; a missing column or a broken encoding is said in a sentence."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [c for c in columns if c not in (reader.fieldnames or [])]
            if missing:
                raise RegisterError(f"{path.name} 缺少列 {'、'.join(missing)}；需要的列是 {','.join(columns)}")
            for row in reader:
                where = f"{path.name} 第{reader.line_num}行"
                if any("\0" in (row[c] or "") for c in columns):
                    raise RegisterError(f"{where} 含有空字符，请用文本编辑器删除后重试")
                yield where, {c: (row[c] or "").strip() for c in columns}
    except UnicodeDecodeError as error:
        raise RegisterError(f"{path.name} 不是 UTF-8 编码的 CSV，请另存为 CSV UTF-8 后重试") from error
    except csv.Error as error:
        raise RegisterError(f"{path.name} 不是有效的 CSV 文件（{error}）") from error


def load_everything() -> None:
    """Areas with their later codes, all programmes and the shipped figures: what an empty installation starts with."""
    load_areas(AREAS_2017)
    for crosswalk in CROSSWALKS:
        load_crosswalk(*crosswalk)
    load_programmes(shipped_programmes())
    load_statistics(STATISTICS)

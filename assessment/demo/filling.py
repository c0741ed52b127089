"""Write the made-up register into the database, some villages at a time: bounded memory, and safe to go on after a stop."""
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from django.db import models, transaction

from assessment.demo.register import HouseholdRows, Setting, village_register
from assessment.demo.setting import NoDemo, choose_villages, make_setting, programmes_of, village_lines
from assessment.demo.villages import Village, village_years
from households.models import Household, HouseholdYear, Member, MemberYear
from office import history
from office.fields import EncryptedField, ring
from office.models import Area, Level
from office.pinyin import initials
from villages.models import VillageYear

BATCH = 400        # households written in one transaction
REASON = "示范数据"
DEFAULT_HOUSEHOLDS = 5000

Report = Callable[[int, int, str], None]


def plan(county_code: str, households: int, seed: int, years: Sequence[int] | None = None) -> tuple[Setting, list[Village]]:
    """What `fill` would write: the setting and every village with its number of households. Raises NoDemo."""
    area = Area.objects.filter(pk=county_code, level__in=(Level.COUNTY, Level.CITY)).first()
    if area is None:
        raise NoDemo(f"没有代码为“{county_code}”的县或市；可用的有梅州、汕尾、河源三市及其各县，以及江门市江海区（440704000000）")
    programmes = programmes_of(area)
    if not programmes:
        raise NoDemo(f"没有适用于{area.name}的政策文件；请选择梅州、汕尾、河源三市或其下属县，或江门市江海区（440704000000）")
    years = years or sorted({year for p in programmes for year in p.years})
    return make_setting(area, programmes, seed, years), choose_villages(area, programmes, seed, households)


def fill(county_code: str, households: int = DEFAULT_HOUSEHOLDS, seed: int = 1, years: Sequence[int] | None = None,
         progress: Report | None = None) -> dict[str, int]:
    """Fill an area (county, or a city with all its counties) with made-up households; areas and programmes are there.

    `years` None: all years of the area's programmes. Villages that were written before an interruption are left as
    they are. Returns the numbers of households and persons. Raises NoDemo with a sentence.
    """
    setting, villages = plan(county_code, households, seed, years)
    written = set(VillageYear.objects.in_area(county_code).values_list("village_id", flat=True).distinct())
    done = sum(v.households for v in villages if v.code in written)
    for batch in _batches([v for v in villages if v.code not in written]):
        _write(setting, batch)
        done += sum(v.households for v in batch)
        if progress:
            progress(done, households, f"{done}/{households} 户")
    history.analyse(Household, Member, HouseholdYear, MemberYear, VillageYear)
    return {"households": Household.objects.in_area(county_code).count(),
            "members": Member.objects.in_area(county_code).count()}


def _batches(villages: list[Village]) -> Iterator[list[Village]]:
    """Neighbouring villages, together about BATCH households."""
    total, cuts = 0, [0]
    for i, village in enumerate(villages, start=1):
        total += village.households
        if total >= BATCH or i == len(villages):
            cuts.append(i)
            total = 0
    return (villages[a:b] for a, b in pairwise(cuts))


def _write(setting: Setting, batch: list[Village]) -> None:
    lines = village_lines(setting)
    facts = [row for v in batch for row in village_years(setting.seed, v, lines, setting.progress)]
    made = [household for v in batch for household in village_register(setting, v)]
    with transaction.atomic():
        _write_rows(VillageYear, facts)
        _write_households(made)


def _write_households(made: list[HouseholdRows]) -> None:
    people = {row["member_id"]: h.no for h in made for _, rows in h.years for row in rows}
    history.insert(Household, ["no", "village_id"], [(h.no, h.no[:12]) for h in made])
    history.insert(Member, ["no", "household_id"], list(people.items()))
    years = [year for h in made for year in h.years]
    for row, _ in years:
        row["head_initials"] = initials(row["head_name"])
    ids = _write_rows(HouseholdYear, [row for row, _ in years])
    for number, (_, rows) in zip(ids, years, strict=True):
        for row in rows:
            row |= {"household_year_id": number, "name_initials": initials(row["name"]),
                    "id_number_index": ring.blind_index(row["id_number"]),
                    "id_tail_index": ring.blind_index(row["id_number"][-6:])}
    _write_rows(MemberYear, [row for _, rows in years for row in rows])


def _write_rows(model: type[models.Model], rows: list[dict]) -> list[int]:
    """Rows as dicts to the bulk writer: encrypts what is kept encrypted, writes hundredths as decimals."""
    if not rows:
        return []
    columns = list(rows[0])
    forms = [_form(model._meta.get_field(name)) for name in columns]
    return history.write(model, columns, [
        tuple(form(row[name]) if form else row[name] for name, form in zip(columns, forms, strict=True))
        for row in rows], reason=REASON)


def _form(field: models.Field) -> Callable | None:
    if isinstance(field, EncryptedField):
        return field.get_prep_value
    return _hundredths if isinstance(field, models.DecimalField) else None


def _hundredths(value: int | None) -> str | None:
    return None if value is None else f"{value // 100}.{value % 100:02d}"

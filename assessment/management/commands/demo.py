"""Fill an empty database with a made-up county (or city): register, logins for every role, its assessments and its money."""
import json
import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from assessment import engine
from assessment.demo import NoDemo, fill, plan, programmes_of
from assessment.demo.filling import DEFAULT_HOUSEHOLDS
from assessment.demo.logins import Login, check_password, kept_logins, make_logins
from assessment.demo.money import make_money
from assessment.models import Run
from households.models import Household
from office import trail
from office.management.command import ContractCommand, Progress, Refusal
from office.mandate import MissingStatistic
from office.models import Area, Officer, Programme
from office.models.statistic import Basis
from office.registers import RegisterError, load_everything
from office.roles import Role
from villages.models import VillageYear

WUHUA = "441424000000"      # 五华县, the default of the contract
LOGINS_FILE, STARTED_FILE = "demo-logins.json", "demo-started.json"


class Command(ContractCommand):
    help = "在空数据库中载入示范数据：真实村庄、虚构人员，各岗位账号，历年考核结果，三年资金"

    def add_arguments(self, parser):
        parser.add_argument("--county", default=WUHUA, metavar="CODE", help="县或市的12位代码")
        parser.add_argument("--households", type=int, default=DEFAULT_HOUSEHOLDS, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="相同的数得到相同的数据")

    def answer(self, *, county, households, seed, **options) -> dict:
        password = os.environ.get("DEMO_PASSWORD") or None
        if not 1 <= households <= 5_000_000:
            raise Refusal(f"户数 {households} 不在1—5000000之间，请改小或改大 --households")
        if password:
            _check(password)
        _begin({"county": county, "households": households, "seed": seed})
        try:
            with transaction.atomic():     # a county that cannot be filled leaves the database as it was
                load_everything()
                plan(county, households, seed)
            made = fill(county, households, seed, progress=Progress())
        except (NoDemo, RegisterError) as error:
            (settings.VAR / STARTED_FILE).unlink(missing_ok=True)
            raise Refusal(str(error)) from error
        area = Area.objects.get(pk=county)
        _assess(area)
        since = min(p.start_year for p in programmes_of(area))
        file = settings.VAR / LOGINS_FILE
        logins = kept_logins(file) if Officer.objects.exists() else make_logins(area, since, seed, file, password)
        _give_money(logins, seed)
        trail.record(None, "载入示范数据", f"area:{county}", area=county, detail=made)
        (settings.VAR / STARTED_FILE).unlink(missing_ok=True)
        _show(logins)
        return {**made, "logins": [login.public for login in logins]}


def _check(password: str) -> None:
    try:
        check_password(password)
    except ValidationError as error:
        raise Refusal(f"DEMO_PASSWORD 不合密码要求：{'；'.join(error.messages)}") from error


def _assess(area: Area) -> None:
    """Actual runs for every year, a forecast for each year whose line a document printed ahead.

    For the whole area of the programme, so that the city's office finds its county on the home page.
    """
    for programme in programmes_of(area):
        printed = sorted({p["year"] for rule in programme.body["lines"] for p in rule["printed"]})
        wanted = [(year, Basis.ACTUAL) for year in programme.years] + [(year, Basis.FORECAST) for year in printed]
        for year, basis in wanted:
            _run(programme, year, basis, programme.area)


def _run(programme: Programme, year: int, basis: Basis, area: Area) -> None:
    name = f"{programme.key} {year}年（{basis.label}）"
    run = Run.objects.filter(programme=programme, year=year, basis=basis, area=area).first()
    if run and run.state == Run.State.DONE:
        return
    try:
        run = run or engine.prepare(programme=programme, year=year, area=area, basis=basis, reason="示范数据")
    except MissingStatistic as error:
        _say(f"未计算 {name}：{error}")
        return
    counts = engine.execute(run)["households"]
    _say(f"已计算 {name}：{counts['assessed']} 户中 {counts['met']} 户达标")


def _give_money(logins: list[Login], seed: int) -> None:
    """Money of the county that has the finance login, recorded by that login and approved by the county's leader."""
    finance, leader = (next(login for login in logins if login.role == role) for role in (Role.FINANCE, Role.COUNTY_LEADER))
    make_money(Area.objects.get(pk=finance.area), Officer.objects.get(username=finance.username),
               Officer.objects.get(username=leader.username), seed, _say)


def _show(logins: list[Login]) -> None:
    _say(f"示范账号（也保存在 {settings.VAR / LOGINS_FILE}，仅本人可读）：")
    for login in logins:
        _say(f"  {login.username:<16} {login.password:<16} {login.role_label} {login.area_name}")


def _say(line: str) -> None:
    """A line of progress, uncoloured: stderr is not only for what went wrong."""
    print(line, file=sys.stderr, flush=True)


def _begin(asked: dict) -> None:
    """Refuse a database that is in use; go on with a demonstration that was interrupted."""
    started = settings.VAR / STARTED_FILE
    held = Household.objects.count()
    if Officer.objects.exists():
        if _asked_before(started) == asked and (settings.VAR / LOGINS_FILE).exists():
            return     # stopped while the money was being posted: that is all or nothing
        if held and (settings.VAR / LOGINS_FILE).exists():
            raise Refusal(f"示范数据已经载入（{held} 户），未作改动；账号见 {settings.VAR / LOGINS_FILE}。"
                          "要重新载入，请换一个空数据库并执行 migrate")
        raise Refusal("数据库中已有账号，示范数据只能载入空数据库；请换一个空数据库，执行 migrate 后重试")
    if held or VillageYear.objects.exists():
        if _asked_before(started) != asked:
            raise Refusal("数据库中已有登记数据，示范数据只能载入空数据库；"
                          "如上次载入中断，请用同样的参数再次执行，否则请换一个空数据库并执行 migrate")
    started.write_text(json.dumps(asked), encoding="utf-8")


def _asked_before(started: Path) -> dict | None:
    try:
        return json.loads(started.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None

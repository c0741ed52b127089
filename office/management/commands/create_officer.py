"""Make a login with its posting; for the first administrators of an installation and for scripts."""
import getpass
import os
import sys

from django.db import transaction
from django.utils import timezone

from office import actions
from office.management.command import ContractCommand, Refusal
from office.models import Area, Officer
from office.registers import ensure_area
from office.roles import Role


class Command(ContractCommand):
    help = "新建账号并任命岗位；密码取自环境变量 OFFICER_PASSWORD，没有则询问。账号已存在时只补任命，不改密码"

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--role", required=True, help=f"岗位：{'、'.join(Role.values)}")
        parser.add_argument("--area", required=True, help="12位区划代码")

    def answer(self, *, username, name, role, area, **options) -> dict:
        if role not in Role.values:
            raise Refusal(f"没有岗位“{role}”；可用的有：{'、'.join(Role.values)}")
        if len(area) != 12 or not area.isdigit() or not ensure_area(area):
            raise Refusal(f"没有区划“{area}”；请用12位代码，或先执行 load_areas")
        officer = Officer.objects.filter(username=username).first()
        if officer is not None and officer.name != name:
            raise Refusal(f"用户名“{username}”已属于{officer.name}，请换一个用户名")
        password = None if officer else os.environ.get("OFFICER_PASSWORD") or asked_for()
        with transaction.atomic():
            if officer is None:
                officer, _ = actions.create_officer(username=username, name=name, password=password, must_change=False)
            if not officer.postings.in_force().filter(role=role, area_id=area).exists():
                actions.appoint(officer=officer, role=role, area=Area.objects.get(pk=area), by=None,
                                starts_on=timezone.localdate())
        return {"username": username}


def asked_for() -> str:
    """The password, typed twice without showing it."""
    if not sys.stdin.isatty():
        raise Refusal("没有密码；请设置环境变量 OFFICER_PASSWORD，或在终端中执行以便输入")
    password = getpass.getpass("密码：")
    if password != getpass.getpass("再输一次："):
        raise Refusal("两次输入的密码不同，没有建立账号，请重新执行")
    return password

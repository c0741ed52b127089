"""The supervision of the made-up money: notices that were put up, some of them too short or forgotten, and contracts."""
import datetime

from assessment.demo.ventures import SUPPLIERS
from funds import oversight
from funds.models import Procurement, Project, Publication, Supervisor, Voucher
from funds.states import Channel, Procedure, Publicity
from office.models import Officer
from office.models.area import Level

METHODS = (Procedure.OPEN_TENDER, Procedure.GOVERNMENT, Procedure.VILLAGE_MEETING)
DAYS, TOO_SHORT = 12, 5                      # on the board
FORGOTTEN = {Publicity.PROJECT: 13, Publicity.FUNDS: 7, Publicity.EFFECT: 9}       # every so many projects
SHORTENED, UNDIVULGED = 8, 3                 # every so many projects; every so many divisions
UNWATCHED = 6                                # every so many projects: nobody was appointed for its sake
NAMES = ("示范员甲", "示范员乙", "示范员丙", "示范员丁")


class Supervision:
    """Enters what one county's finance desk knows of notices and contracts."""

    def __init__(self, recorder: Officer):
        self.recorder = recorder
        self._divisions = 0

    def of_project(self, project: Project, number: int, method: Procedure) -> None:
        """Notices about the three things as far as they are due, and the contract."""
        entered = project.entered_on
        starts = {Publicity.PROJECT: entered - datetime.timedelta(days=20),
                  Publicity.FUNDS: entered + datetime.timedelta(days=14),
                  Publicity.EFFECT: project.accepted_on and project.accepted_on + datetime.timedelta(days=2)}
        for what, start in starts.items():
            if start and number % FORGOTTEN[what]:
                days = TOO_SHORT if what == Publicity.FUNDS and number % SHORTENED == 0 else DAYS
                self._put_up(project, what, start, days)
        if project.area.level == Level.VILLAGE and number % UNWATCHED:
            self._watch(project, number)
        if number % FORGOTTEN[Publicity.EFFECT]:
            oversight.procure(Procurement(
                project=project, method=method, subject=project.sub_category, winner=SUPPLIERS[number % len(SUPPLIERS)],
                decided_on=project.actual_start - datetime.timedelta(days=4), amount=project.planned_fiscal,
                evidence=f"采购档案（示范）{number}号"), self.recorder)

    def _put_up(self, project: Project, what: Publicity, start: datetime.date, days: int) -> None:
        upper = project.area.level not in ("township", "village")
        oversight.publish(Publication(
            project=project, what=what, channel=Channel.WEBSITE if upper else Channel.BOARD, from_on=start,
            to_on=None if upper else start + datetime.timedelta(days=days), names_hotline=True,
            place="县政府门户网站" if upper else f"{project.area.name}公告栏",
            evidence=f"https://example.invalid/{project.number}" if upper else "照片存村委会（示范）"), self.recorder)

    def _watch(self, project: Project, number: int) -> None:
        """One supervisor for each village, from its first project on."""
        if not Supervisor.objects.filter(area=project.area, project__isnull=True).exists():
            oversight.appoint(Supervisor(area=project.area, name=NAMES[number % len(NAMES)], unit="村务监督委员会（示范）",
                                         starts_on=project.entered_on), self.recorder)

    def of_division(self, voucher: Voucher) -> None:
        """How the county divided a document's money, on its website for good."""
        self._divisions += 1
        if self._divisions % UNDIVULGED == 0:
            return
        oversight.publish(Publication(
            what=Publicity.ALLOCATION, appropriation=voucher.appropriation, area=voucher.from_account.area,
            allocated_on=voucher.on, channel=Channel.WEBSITE, place="县政府门户网站", names_hotline=True,
            from_on=voucher.on + datetime.timedelta(days=3),
            evidence=f"https://example.invalid/fenpei/{voucher.appropriation_id}"), self.recorder)

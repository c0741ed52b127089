"""The supervision of the made-up money: notices that were put up, some of them too short or forgotten, and contracts."""
import datetime
from decimal import Decimal

from assessment.demo.ventures import SUPPLIERS
from funds import audits, oversight
from funds.models import Audit, AuditFinding, Movement, Procurement, Project, Publication, Supervisor, Voucher
from funds.states import (
    AuditBody,
    Channel,
    Construction,
    FindingState,
    Kind,
    Misuse,
    Outcome,
    Procedure,
    ProjectState,
    Publicity,
)
from office.models import Area, Officer, Programme
from office.models.area import Level
from office.roles import Role

METHODS = (Procedure.OPEN_TENDER, Procedure.GOVERNMENT, Procedure.VILLAGE_MEETING)
DAYS, TOO_SHORT = 12, 5                      # on the board
FORGOTTEN = {Publicity.PROJECT: 13, Publicity.FUNDS: 7, Publicity.EFFECT: 9}       # every so many projects
SHORTENED, UNDIVULGED = 8, 3                 # every so many projects; every so many divisions
LATE, UNACCEPTED = 17, 15                    # every so many projects: the notice came after the money; nobody accepted it
UNWATCHED = 6                                # every so many projects: nobody was appointed for its sake
NAMES = ("示范员甲", "示范员乙", "示范员丙", "示范员丁")

AUDITS = ((AuditBody.AUDIT, "扶贫资金和项目跟踪审计", "县审计局（示范）"),
          (AuditBody.FINANCE, "扶贫资金专项检查", "县财政局（示范）"),
          (AuditBody.DISCIPLINE, "扶贫领域专项监督检查", "县纪委监委（示范）"))
FOUND = (                                    # which check found what, how much of a payment, and how it ended
    (0, Misuse.DIVERSION, "部分项目资金用于非扶贫支出（示范）", Decimal("0.30"), Outcome.RECOVERED),
    (0, Misuse.FALSE_CLAIM, "工程量多报（示范）", Decimal("0.08"), None),
    (2, Misuse.OCCUPATION, "以项目资金垫付其他支出（示范）", Decimal("0.15"), Outcome.RECTIFIED))


class Supervision:
    """Enters what one county's finance desk knows of notices and contracts."""

    def __init__(self, recorder: Officer):
        self.recorder = recorder
        self._divisions = 0

    @staticmethod
    def as_known(facts: dict, number: int) -> dict:
        """What became of a project; of some, completion is the last that anybody noted."""
        if number % UNACCEPTED or "accepted_on" not in facts:
            return facts
        after = ("accepted_on", "acceptance", "acceptance_number", "handed_over_on", "rating", "score", "rated_on")
        return {name: value for name, value in facts.items() if name not in after} | {"state": ProjectState.COMPLETED}

    def of_project(self, project: Project, number: int, method: Procedure) -> None:
        """Notices about the three things as far as they are due, and the contract."""
        entered = project.entered_on
        starts = {Publicity.PROJECT: entered - datetime.timedelta(days=20),
                  Publicity.FUNDS: entered + datetime.timedelta(days=14),
                  Publicity.EFFECT: project.accepted_on and project.accepted_on + datetime.timedelta(days=2)}
        if number % LATE == 0:
            starts[Publicity.PROJECT] = entered + datetime.timedelta(days=90)
        for what, start in starts.items():
            if start and number % FORGOTTEN[what]:
                days = TOO_SHORT if what == Publicity.FUNDS and number % SHORTENED == 0 else DAYS
                self._put_up(project, what, start, days)
        if project.area.level == Level.VILLAGE and number % UNWATCHED:
            self._watch(project, number)
        if number % FORGOTTEN[Publicity.EFFECT]:
            built = project.construction != Construction.NONE
            oversight.procure(Procurement(
                project=project, method=method if built else Procedure.VILLAGE_MEETING, subject=project.sub_category,
                winner=SUPPLIERS[number % len(SUPPLIERS)] if built else project.implementer,
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


def audit_money(programme: Programme, county: Area) -> None:
    """One check of each body in the year after the first, with a few findings; the second is planned and was not begun.

    Recorded by the county's poverty office; nothing where it has nobody.
    """
    by = Officer.objects.filter(postings__role=Role.COUNTY_OFFICE, postings__area=county).order_by("pk").first()
    if by is None:
        return
    year = programme.start_year + 1
    planned = [_planned(year + place // 2, county, *words, begun=place != 1, by=by) for place, words in enumerate(AUDITS)]
    paid = Movement.objects.in_area(county.pk).filter(kind=Kind.PAYMENT, appropriation__programme=programme).order_by("sequence")
    for (place, kind, words, share, outcome), movement in zip(FOUND, paid[::7], strict=False):
        audit = planned[place]
        amount = (movement.amount * share).quantize(Decimal(1))
        found_on = audit.started_on + datetime.timedelta(days=20)
        audits.find(AuditFinding(
            audit=audit, kind=kind, movement=movement, amount=amount, description=words, found_on=found_on,
            deadline=found_on + datetime.timedelta(days=60), state=FindingState.CLOSED if outcome else FindingState.RECTIFYING,
            outcome=outcome or "", recovered=amount if outcome == Outcome.RECOVERED else 0,
            closed_on=found_on + datetime.timedelta(days=45) if outcome else None), by)
    first = planned[0]
    first.finished_on, first.conclusion = datetime.date(year, 9, 20), "资金总体规范，个别项目有问题，已交办（示范）"
    first.report_number = f"审农（示范）〔{year}〕1号"
    audits.plan(first, by)


def _planned(year: int, county: Area, body: AuditBody, title: str, organ: str, *, begun: bool, by: Officer) -> Audit:
    return audits.plan(Audit(
        year=year, title=title, body=body, organ=organ, area=county, planned_to=datetime.date(year, 10, 31),
        started_on=datetime.date(year, 6, 4) if begun else None), by)

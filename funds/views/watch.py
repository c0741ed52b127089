"""What the sheet of one project shows of its supervision."""
from funds import network
from funds.filters import address
from funds.models import AuditFinding, Procurement, Project
from funds.publications import standing
from funds.states import Publicity
from office.access import covers
from office.models import Officer
from office.roles import Permission


def of_project(officer: Officer, project: Project) -> dict:
    """Notices about the three things, who watches, how the contractor was chosen, what checks found."""
    notices = list(standing().filter(project=project))
    things = []
    for what in (Publicity.PROJECT, Publicity.FUNDS, Publicity.EFFECT):
        found = [one for one in notices if one.what == what]
        things.append({"label": what.label, "notices": found, "hotline": all(one.names_hotline for one in found),
                       "url": address("funds:project_publish", project.pk, what.value)})
    bought = list(Procurement.objects.filter(project=project))
    found = list(AuditFinding.objects.visible_to(officer).filter(project=project).select_related("audit"))
    return {"things": things, "found": found, "bought": bought, "contracts": sum(one.amount or 0 for one in bought),
            "supervisor": network.watching(project), "supervisor_url": address("funds:project_supervisor", project.pk),
            "may": covers(officer, Permission.SUPERVISE_MONEY, project.area_id)}

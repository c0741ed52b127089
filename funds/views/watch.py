"""What the sheet of one project shows of its supervision."""
from funds import network
from funds.filters import address
from funds.models import Project
from funds.publications import standing
from funds.states import Publicity
from office.access import covers
from office.models import Officer
from office.roles import Permission


def of_project(officer: Officer, project: Project) -> dict:
    """Notices about the three things, with where to enter one."""
    notices = list(standing().filter(project=project))
    things = []
    for what in (Publicity.PROJECT, Publicity.FUNDS, Publicity.EFFECT):
        found = [one for one in notices if one.what == what]
        things.append({"label": what.label, "notices": found, "hotline": all(one.names_hotline for one in found),
                       "url": address("funds:project_publish", project.pk, what.value)})
    return {"things": things, "supervisor": network.watching(project), "supervisor_url": address(
                "funds:project_supervisor", project.pk), "may": covers(officer, Permission.SUPERVISE_MONEY, project.area_id)}

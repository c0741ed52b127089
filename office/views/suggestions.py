"""Suggestions while typing: areas and persons, as options for a field."""
from django.db.models import Q
from django.shortcuts import render

from office.access import allow, within
from office.models import Area, Officer
from office.roles import Permission

MOST = 20


@allow(Permission.MANAGE_POSTINGS)
def area_options(request):
    """Areas inside the person's own, by name or code; the way down stands behind, as names repeat."""
    text = request.GET.get("area", "").strip()
    found = Area.objects.none()
    if text:
        own = within("code", request.user.scope_for(Permission.MANAGE_POSTINGS))
        found = Area.objects.filter(own, Q(name__contains=text) | Q(code__startswith=text)).order_by("code")[:MOST]
    above = Area.objects.in_bulk({area.code[:n].ljust(12, "0") for area in found for n in (4, 6, 9)})
    options = [{"value": f"{area.code} {area.name}", "label": _way(area, above)} for area in found]
    return render(request, "office/options.html", {"options": options})


def _way(area: Area, above: dict) -> str:
    codes = [area.code[:n].ljust(12, "0") for n in (4, 6, 9)]
    return " ".join(above[code].name for code in dict.fromkeys(codes) if code in above and code != area.code) or area.name


@allow(Permission.MANAGE_POSTINGS)
def officer_options(request):
    """Active persons by name or login name."""
    text = request.GET.get("officer", "").strip()
    found = Officer.objects.filter(Q(name__contains=text) | Q(username__startswith=text), is_active=True)[:MOST] \
        if text else ()
    options = [{"value": officer.username, "label": officer.name} for officer in found]
    return render(request, "office/options.html", {"options": options})

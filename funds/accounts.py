"""Finding the account that a sum belongs to; made when it is first needed. One account per key, whoever asks first."""
from funds.models import Account, Appropriation, Project
from funds.states import AccountKind
from office.models import Area


def source(appropriation: Appropriation) -> Account:
    """The outside world that an appropriation comes from, per payer and programme."""
    key = f"source:{appropriation.programme_id}:{appropriation.source}:{appropriation.area_id}:{appropriation.payer_name}"
    return _account(key, kind=AccountKind.SOURCE, area_id=appropriation.area_id, programme_id=appropriation.programme_id,
                    source=appropriation.source, payer_name=appropriation.payer_name, year=appropriation.year)


def budget(appropriation: Appropriation, area: Area | str, year: int | None = None) -> Account:
    """Money of the appropriation held by an area and not yet bound to a project."""
    return _of(appropriation, AccountKind.BUDGET, _code(area), year=year)


def project(appropriation: Appropriation, project: Project, year: int | None = None) -> Account:
    """Money of the appropriation bound to a project and not yet paid."""
    return _of(appropriation, AccountKind.PROJECT, project.area_id, project=project, year=year)


def payee(appropriation: Appropriation, project: Project) -> Account:
    """What was paid to implementers and suppliers of a project out of the appropriation."""
    return _of(appropriation, AccountKind.PAYEE, project.area_id, project=project)


def cards(appropriation: Appropriation, area: Area | str) -> Account:
    """What was paid to the cards of households, by the area that pays."""
    return _of(appropriation, AccountKind.CARDS, _code(area))


def _of(appropriation: Appropriation, kind: str, area_code: str, *, project: Project | None = None,
        year: int | None = None) -> Account:
    year = year or appropriation.year
    key = f"{kind}:{appropriation.pk}:{area_code}:{project.pk if project else ''}:{year}"
    return _account(key, kind=kind, area_id=area_code, programme_id=appropriation.programme_id, source=appropriation.source,
                    appropriation=appropriation, project=project, year=year)


def _account(key: str, **facts) -> Account:
    return Account.objects.get_or_create(key=key[:80], defaults=facts)[0]


def _code(area: Area | str) -> str:
    return area if isinstance(area, str) else area.pk

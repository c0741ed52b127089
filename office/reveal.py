"""Show one masked number in clear: only with a reason, and never without an entry in the trail."""
from django.core.exceptions import ValidationError

from office import trail
from office.access import require
from office.fields import EncryptedField
from office.roles import Permission

SHORTEST_REASON = 5


def reveal(officer, instance, field: str, reason: str, request=None) -> str:
    """The clear value of an encrypted field of a row the caller has already found through `visible_to`.

    Raises PermissionDenied without the right for the row's area, ValidationError without a reason. The trail gets
    whose number and which one, never the number.
    """
    column = instance._meta.get_field(field)
    if not isinstance(column, EncryptedField):
        raise TypeError(f"{field} of {type(instance).__name__} is not an encrypted field")
    area = area_of(instance)
    require(officer, Permission.REVEAL_PERSONAL, area)
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ValidationError(f"请写明查看原因（至少{SHORTEST_REASON}个字），例如“核对社保卡号，电话通知本人”")
    trail.record(officer, "查看个人信息", f"{instance._meta.model_name}:{instance.pk}", area=area, request=request,
                 detail={"field": field, "label": str(column.verbose_name), "reason": reason})
    return getattr(instance, field) or ""


def area_of(instance) -> str:
    """Code of the area a row belongs to, along the path its model names."""
    found = instance
    for step in instance.area_lookup.split("__"):
        found = getattr(found, step)
    return found

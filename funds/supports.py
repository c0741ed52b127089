"""Setting whose units help villages (村帮扶级别), and who pays and how much where the document does not say."""
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from funds.ledger import Refused, plain_text
from funds.models import VillageSupport
from funds.rules import funding
from funds.states import Source, VillageHelper
from office import trail
from office.access import require
from office.models import Area, Level, Officer, Programme
from office.money import plain
from office.roles import Permission


@transaction.atomic
def set_support(by: Officer, programme: Programme, villages: Iterable[Area], *, helper: str, payer: str = "",
                guidance_amount: Decimal | None = None, basis: str = "", request=None) -> int:
    """The same for all the villages, or for none; returns how many changed. One entry in the trail per changed village."""
    rule, villages, basis = funding(programme.key).villages, list(villages), plain_text(basis)
    if rule is None:
        raise Refused(f"“{programme.name}”没有按村安排资金的规定")
    if not villages:
        raise Refused("没有选择村，请先在要登记的村前打勾")
    _check(programme, helper, payer, guidance_amount, basis)
    for village in villages:
        require(by, Permission.SET_VILLAGE_SUPPORT, village.pk)
        if village.level != Level.VILLAGE or not village.pk.startswith(programme.area.prefix):
            raise Refused(f"{village.name}不是“{programme.name}”适用区域内的村")
    stored = {one.village_id: one for one in VillageSupport.objects.select_for_update().filter(
        programme=programme, village__in=villages)}
    changed = 0
    for village in villages:
        one = stored.get(village.pk) or VillageSupport(programme=programme, village=village)
        before = _written(one) if one.pk else {}
        one.helper, one.payer, one.guidance_amount, one.basis, one.recorded_by = helper, payer, guidance_amount, basis, by
        after = _written(one)
        if before == after:
            continue
        one.save()
        changed += 1
        trail.record(by, "登记村帮扶级别", f"村帮扶 {programme.key} {village.pk}", area=village.pk, request=request,
                     detail={"before": before, "after": after})
    return changed


def _check(programme: Programme, helper: str, payer: str, guidance_amount: Decimal | None, basis: str) -> None:
    """The document goes first: what it says itself is not entered, and what it leaves open needs a basis."""
    rule = funding(programme.key).villages
    if helper not in VillageHelper.values:
        raise Refused("请选择帮扶级别", "helper")
    says = rule.helped_by.get(helper)
    if payer and says:
        raise Refused(f"文件{rule.clause}规定{VillageHelper(helper).label}的村由{Source(says).label}出资，不用另填出资方",
                      "payer")
    if guidance_amount is not None and not rule.entered:
        raise Refused("文件印明了每村每年的金额，不用录入", "guidance_amount")
    if guidance_amount is not None and not says:
        raise Refused(f"文件{rule.clause}只给{'、'.join(VillageHelper(one).label for one in rule.helped_by)}的村安排{rule.label}",
                      "guidance_amount")
    if (payer or guidance_amount is not None) and not basis:
        raise Refused("文件没有规定出资方或金额，录入时请写明依据（文件名称、文号或会议纪要）", "basis")


def _written(support: VillageSupport) -> dict:
    """The facts as the trail keeps them."""
    amount = support.guidance_amount
    return {"helper": support.helper, "payer": support.payer, "basis": support.basis,
            "guidance_amount": "" if amount is None else plain(amount)}

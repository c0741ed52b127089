"""What every page's frame shows: the menu by permission, the person and the posting."""
from django.urls import resolve, reverse

from funds.models import PaymentBatch, Voucher
from funds.states import BatchState, VoucherState
from office.access import within
from office.models import Job
from office.roles import Permission

# Section, label, view, icon. Who sees an entry follows from the right that the page itself asks for.
MENU = (
    ("", "工作台", "home", "home"),
    ("", "贫困户", "assessment:household_list", "users"),
    ("", "村", "assessment:tree", "building-community"),
    ("", "通报", "assessment:bulletins", "file-certificate"),
    ("业务", "数据导入", "households:imports", "file-spreadsheet"),
    ("业务", "考核计算", "assessment:runs", "checklist"),
    ("业务", "任务", "office:jobs", "list-check"),
    ("资金", "资金总览", "funds:overview", "coin"),
    ("资金", "应到资金", "funds:due", "scale"),
    ("资金", "认筹资金", "funds:pledges", "heart-handshake"),
    ("资金", "资金指标", "funds:appropriations", "file-text"),
    ("资金", "凭证", "funds:vouchers", "receipt"),
    ("资金", "项目库", "funds:projects", "folder"),
    ("资金", "资产收益", "funds:investments", "trending-up"),
    ("资金", "到户发放", "funds:batches", "wallet"),
    ("资金", "资金监督", "funds:publicity", "eye"),
    ("资金", "资金台账", "funds:ledger_exports", "report-money"),
    ("依据", "政策文件", "office:programmes", "book"),
    ("依据", "统计数", "office:statistics", "chart-bar"),
    ("管理", "人员", "office:officers", "user"),
    ("管理", "任职", "office:postings", "certificate"),
    ("管理", "操作日志", "office:trail", "history"),
)
ACCOUNT = (("我的账号", "office:profile", "user"), ("修改密码", "account_change_password", "key"),
           ("双因素验证", "mfa_index", "shield-check"))


def shell(request):
    """Context of base.html; nothing for a visitor, and nothing that writes."""
    officer = getattr(request, "user", None)
    if officer is None or not officer.is_authenticated:
        return {}
    entries = menu(officer, request.path)
    waits = waiting(officer)
    for entry in entries:
        entry["count"] = waits.get(entry["view"], 0)
    posting = min(officer.current_postings, key=lambda one: (len(one.area.prefix), one.pk), default=None)
    return {
        "nav": entries,
        "posting": {"role": posting.get_role_display(), "area": posting.area.name} if posting else None,
        "jobs_running": Job.objects.filter(owner=officer, state__in=(Job.State.QUEUED, Job.State.RUNNING)).count(),
        "account_menu": [{"label": label, "url": reverse(view), "icon": icon} for label, view, icon in ACCOUNT],
        "search_url": next((entry["url"] for entry in entries if entry["view"] == "assessment:household_list"), ""),
    }


def waiting(officer) -> dict[str, int]:
    """How much waits for this officer's approval, by the page of the menu; asks nothing for who approves no money."""
    held = officer.scope_for(Permission.APPROVE_MONEY)
    if not held:
        return {}
    asked = {
        "funds:vouchers": Voucher.objects.filter(state=VoucherState.DRAFT),
        "funds:batches": PaymentBatch.objects.filter(state=BatchState.CHECKED, lines_count__gt=0)}
    return {view: rows.filter(within("area_id", held)).exclude(recorded_by=officer).count() for view, rows in asked.items()}


def menu(officer, path: str) -> list[dict]:
    """Entries the officer may open; the one the present path lies in is active (the longest address wins)."""
    entries = []
    for section, label, view, icon in MENU:
        url = reverse(view)
        # The start page leads administrators to their own page, which stands in the menu already.
        permission = Permission.SEE_CASES if view == "home" else getattr(resolve(url).func, "permission", None)
        if permission is None or officer.may(permission):
            entries.append({"section": section, "label": label, "url": url, "icon": icon, "view": view, "active": False})
    within = [entry for entry in entries if path.startswith(entry["url"]) and (entry["url"] != "/" or path == "/")]
    if within:
        max(within, key=lambda entry: len(entry["url"]))["active"] = True
    return entries

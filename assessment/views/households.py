"""The household list: search, filters, order, pages, export."""
import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from assessment import filters
from assessment.filters import Listing
from assessment.register import SORTS, Selection
from assessment.rows import Row
from assessment.views.places import way_down
from households.codes import Category, Cause, Residence
from office import trail
from office.access import allow, covers
from office.models import Area
from office.roles import Permission
from office.workbooks import Column, SheetSpec, write_tables

EXPORT_LIMIT = 20_000      # rows that a page may hand out while the reader waits; more is a job (register export)
# Head of each column, the order it stands for, whether it holds numbers.
COLUMNS = (("户主", "name", False), ("户编号", "no", False), ("村", "", False), ("人口", "", True),
           ("属性 / 劳动能力", "", False), ("人均收入（元）", "income", True), ("与标准差额（元）", "gap", True),
           ("考核结果", "", False))
EXPORT_COLUMNS = [
    Column("no", "户编号", "digits", width=20), Column("head_name", "户主姓名", width=12),
    Column("township", "镇（街道）", width=16), Column("village", "行政村", width=18),
    Column("members", "在册人数", "integer", width=9),
    Column("residence", "城乡类别", "choice", choices={label: value for value, label in Residence.choices}),
    Column("category", "贫困户属性", "choice", choices={label: value for value, label in Category.choices}),
    Column("labour_label", "劳动能力"),
    Column("main_cause", "主要致贫原因", "choice", choices={label: value for value, label in Cause.choices}, width=16),
    Column("income", "人均收入（元）", "money", width=14), Column("gap", "与标准差额（元）", "money", width=16),
    Column("status_label", "考核结果"), Column("problem_label", "未达标或待核项", width=30)]


@allow(Permission.SEE_CASES, methods=("GET", "POST"))
def household_list(request):
    """The list. The search form posts, so that an ID number never stands in an address; the answer is an address without it."""
    asked = request.POST if request.method == "POST" else request.GET
    parameters, replaced = filters.fit_for_address(asked)
    if request.method == "POST" or replaced:
        return redirect(filters.list_url(**parameters))
    listing = filters.read(request.user, request.GET)
    if listing.selection is None:
        return render(request, "households/list.html", {
            "title": "户名册", "listing": listing, "selection": None, "crumbs": [{"label": "户名册"}]})
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = listing.selection.page(after, before)
    if listing.selection.search and not (after or before):
        record_search(request, listing, len(page.rows))
    return render(request, "households/list.html", {
        "title": "户名册", "listing": listing, "selection": listing.selection, "total": listing.selection.total(),
        "columns": columns(listing), "rows": [cells(row, listing) for row in page.rows],
        "page": {"previous": page.previous, "next": page.next, "shown": len(page.rows)},
        "crumbs": crumbs(request.user, listing), "area_choices": area_choices(request.user, listing),
        "may_export": request.user.may(Permission.EXPORT_REGISTER), "export_url": export_url(listing)})


@allow(Permission.EXPORT_REGISTER)
def household_list_export(request):
    """Exactly the rows, order and figures of the list as a workbook; personal numbers are not among its columns."""
    listing = filters.read(request.user, request.GET)
    place = (listing.area or request.user.home_area)
    if listing.selection is None or not covers(request.user, Permission.EXPORT_REGISTER, place.code):
        messages.error(request, "没有可以导出的户。请先选择您有导出权限的区域和年度。")
        return redirect(filters.list_url(**request.GET.dict()))
    found = listing.selection.rows().order_by()[:EXPORT_LIMIT + 1].count()
    if found > EXPORT_LIMIT:
        messages.error(request, f"符合条件的户超过 {EXPORT_LIMIT} 户，没有导出。"
                                "请按县或按镇缩小范围，或用“导出登记表”在后台生成。")
        return redirect(filters.list_url(**request.GET.dict()))
    trail.record(request.user, "导出户列表", f"area:{place.code}", area=place.code, request=request,
                 detail={"rows": found, "year": listing.selection.year, "filters": [f["label"] for f in listing.in_force]})
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M")
    return FileResponse(workbook(request.user, listing), as_attachment=True,
                        filename=f"户列表-{place.name}-{listing.selection.year}-{stamp}.xlsx")


def workbook(officer, listing: Listing):
    """The list as an open, already unlinked file; rows go through in batches, so memory does not grow with them."""
    selection = listing.selection
    lead = [f"{(listing.area or officer.home_area).name} {selection.year}年户列表",
            f"条件：{'；'.join(f['label'] for f in listing.in_force) or '无'}；排序：{SORTS[selection.sort.lstrip('-')]}；"
            f"考核：{run_words(selection)}；导出：{officer} {timezone.localtime():%Y-%m-%d %H:%M}"]
    with tempfile.TemporaryDirectory(prefix="povertyapp-export-") as folder:
        path = Path(folder) / "list.xlsx"
        write_tables(path, [SheetSpec("户列表", EXPORT_COLUMNS, (export_row(row) for row in selection.every_row()),
                                      lead=lead)])
        return path.open("rb")


def export_row(row: Row) -> dict:
    return {column.key: getattr(row, column.key) for column in EXPORT_COLUMNS}


def run_words(selection: Selection) -> str:
    run = selection.run
    return f"第{run.pk}次计算（{run.get_basis_display()}）" if run else "尚无"


def record_search(request, listing: Listing, shown: int) -> None:
    """That somebody searched, and by what kind of thing; never what was typed."""
    selection = listing.selection
    trail.record(request.user, "查找户", request=request, area=selection.area,
                 detail={"kind": selection.search.kind.value, "year": selection.year, "shown": shown})


def export_url(listing: Listing) -> str:
    return reverse("assessment:household_list_export") + listing.query()


def columns(listing: Listing) -> list[dict]:
    """Heads of the table; those that order the list carry the address that does so, or turns the order round."""
    current = listing.selection.sort
    heads = []
    for label, key, numeric in COLUMNS:
        head = {"label": label, "numeric": numeric}
        if key and (key in ("no", "name") or listing.run):
            state = {key: "asc", f"-{key}": "desc"}.get(current, "")
            head["sort"] = {"state": state, "url": listing.query(sort=f"-{key}" if state == "asc" else key)}
        heads.append(head)
    return heads


def cells(row: Row, listing: Listing) -> dict:
    """One row as the table component takes it; figures are grouped, a gap carries its sign."""
    if row.met is None:
        status = {"text": "尚未考核", "tone": "none"}
    else:
        status = {"state": "met" if row.met else "not_met", "text": "", "sub": row.problem_label}
    return {"url": reverse("assessment:household", args=[row.no]) + listing.query(year=row.year), "cells": [
        row.head_name, row.no, {"text": row.village, "sub": row.township}, str(row.members),
        {"text": row.category_label, "sub": f"{row.labour_label} · {row.cause_label}"},
        "" if row.income is None else f"{row.income:,.2f}".replace("-", "−"),
        "" if row.gap is None else f"{row.gap:+,.2f}".replace("-", "−"), status]}


def crumbs(officer, listing: Listing) -> list[dict]:
    """From the province down to the area shown; each leads to the same list of that area."""
    return [*way_down(officer, listing.area or officer.home_area,
                      lambda place: reverse("assessment:household_list") + listing.query(area=place.code)),
            {"label": "户名册"}]


def area_choices(officer, listing: Listing) -> list[dict]:
    """The drill-down: up one level where the scope allows, the area shown, and what lies directly below it."""
    area = listing.area
    if area is None and len(officer.scope) > 1:
        roots = Area.objects.filter(pk__in=officer.scope)
        return [{"code": "", "label": "我的全部区域", "chosen": True}, *({"code": a.code, "label": a.name} for a in roots)]
    area = area or officer.home_area
    choices = []
    if area.code not in officer.scope:
        choices.append({"code": area.parent_id, "label": "↑ 返回上一级"})
    elif len(officer.scope) > 1:
        choices.append({"code": "", "label": "↑ 我的全部区域"})
    choices.append({"code": area.code, "label": f"{area.name}（全部）", "chosen": True})
    return choices + [{"code": child.code, "label": f"　{child.name}"} for child in area.children.all()]

"""Who holds which role where, for the security administrator. No case is seen from here."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from office import actions
from office.access import allow, within
from office.forms import DismissForm, PostingFilter, PostingForm
from office.models import Posting
from office.paging import page_by_key
from office.roles import ROLES, Permission, Role


def manageable(admin):
    return Posting.objects.filter(within("area_id", admin.scope_for(Permission.MANAGE_POSTINGS)))


@allow(Permission.MANAGE_POSTINGS)
def posting_list(request):
    form = PostingFilter(request.GET)
    postings = manageable(request.user)
    if form.is_valid():
        postings = _filtered(postings, **form.cleaned_data)
    page = page_by_key(postings.select_related("officer", "area", "appointed_by"), request.GET, descending=True,
                       total=postings.count())
    return render(request, "office/postings.html", {
        "title": "任职", "form": form, "page": page, "today": timezone.localdate()})


def _filtered(postings, q: str, role: str, when: str):
    ended = Q(ends_on__lt=timezone.localdate())
    if when != "all":
        postings = postings.filter(ended if when == "ended" else ~ended | Q(ends_on__isnull=True))
    if q:
        postings = postings.filter(Q(officer__name__contains=q) | Q(officer__username__contains=q))
    return postings.filter(role=role) if role else postings


@allow(Permission.MANAGE_POSTINGS, methods=("GET", "POST"), writes=True)
def posting_new(request):
    """Give a posting; every refusal stands in the form, nothing typed is lost."""
    form = PostingForm(request.POST or None, initial={"officer": request.GET.get("officer", "")})
    if request.method == "POST" and form.is_valid():
        try:
            posting = actions.appoint(by=request.user, request=request, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"{posting.officer}已任{posting.area}{posting.get_role_display()}，"
                             f"自{posting.starts_on}起有效。")
            return redirect("office:postings")
    return render(request, "office/posting_form.html", {
        "title": "新任职", "form": form, "crumbs": _crumbs("新任职"), "roles": _role_table()})


@allow(Permission.MANAGE_POSTINGS, methods=("GET", "POST"), writes=True)
def posting_end(request, pk):
    posting = get_object_or_404(manageable(request.user).select_related("officer", "area"), pk=pk)
    form = DismissForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.dismiss(posting=posting, by=request.user, request=request, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"{posting.officer}的“{posting.get_role_display()}”任职到"
                             f"{form.cleaned_data['ends_on']}为止。")
            return redirect("office:postings")
    return render(request, "office/posting_end.html", {
        "title": "结束任职", "form": form, "posting": posting, "crumbs": _crumbs("结束任职")})


def _role_table() -> list[dict]:
    levels = {"province": "省", "city": "市", "county": "县", "township": "镇", "village": "村"}
    return [{"label": Role(role).label, "sentence": rule.sentence, "levels": "、".join(levels[level] for level in rule.levels)}
            for role, rule in ROLES.items()]


def _crumbs(label: str) -> list[dict]:
    return [{"label": "任职", "url": reverse("office:postings")}, {"label": label}]

"""Long work of the person: list, one job with its progress, cancelling, the file it made."""
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from office import jobs, trail
from office.access import allow
from office.models import Job
from office.paging import page_by_key
from office.sessions import unattended


@allow(None)
def job_list(request):
    """The own jobs and those of the schedule for the own area, the latest first."""
    own = Job.objects.visible_to(request.user).select_related("owner")
    state = request.GET.get("state", "")
    states = [("", "全部"), *Job.State.choices]
    if state in Job.State.values:
        own = own.filter(state=state)
    tabs = [{"label": label, "url": f"?state={value}" if value else "?", "active": value == state}
            for value, label in states]
    return render(request, "office/jobs.html", {
        "title": "任务", "page": page_by_key(own, request.GET, descending=True), "tabs": tabs})


def progress_context(request, job: Job) -> dict:
    """What the progress component needs to show a job to this person."""
    own = job.owner_id == request.user.pk
    return {
        "job": job, "poll_url": reverse("office:job", args=[job.pk]),
        "cancel_url": reverse("office:job_cancel", args=[job.pk]) if own else "",
        "result_url": reverse("office:job_file", args=[job.pk]) if job.file and own else job.link,
        "result_label": "下载文件" if job.file and own else "查看结果", "download": bool(job.file and own)}


def polled(request, shown: dict):
    """The answer to a script: the progress; on the job's own page also the facts below it, which change with it.

    A page that shows a job without a result of its own (the check of the trail) tells the outcome itself: it is loaded again.
    """
    own_page = request.htmx.current_url_abs_path == shown["poll_url"]
    if shown["job"].state == Job.State.DONE and not own_page and not shown["result_url"]:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "office/_job_polled.html" if own_page else "_components/job_progress.html", shown)


@unattended
@allow(None)
def job_page(request, pk):
    """The page of a job; asked by script (polling), only what changes on it."""
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("owner", "area"), pk=pk)
    shown = progress_context(request, job)
    if request.htmx:
        return polled(request, shown)
    shown |= {"title": job.title, "crumbs": [{"label": "任务", "url": reverse("office:jobs")}, {"label": job.title}]}
    return render(request, "office/job.html", shown)


@allow(None, methods=("POST",), writes=True)
def job_cancel(request, pk):
    """Ask an own job to stop: a waiting one at once, a running one at its next step."""
    job = get_object_or_404(Job.objects.filter(owner=request.user), pk=pk)
    stopped = jobs.cancel(job)
    if stopped:
        trail.record(request.user, "取消任务", f"job:{job.pk}", detail={"title": job.title}, request=request)
    job.refresh_from_db()
    if request.htmx:
        return polled(request, progress_context(request, job))
    if stopped:
        messages.success(request, "已要求停止；已经完成的部分不会丢失。")
    else:
        messages.info(request, "任务已经结束，不需要取消。")
    return redirect("office:job", pk=job.pk)


@allow(None)
def job_file(request, pk):
    """The file a job made: only for its owner, only from below MEDIA_ROOT."""
    job = get_object_or_404(Job.objects.filter(owner=request.user).exclude(file=""), pk=pk)
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / job.file).resolve()
    if not path.is_relative_to(root):
        raise Http404
    if not path.is_file():
        raise Http404("文件已被清理，请重新执行一次任务")
    trail.record(request.user, "下载文件", f"job:{job.pk}", detail={"title": job.title, "file": path.name}, request=request)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@unattended
@allow(None)
def jobs_badge(request):
    """How many own jobs run, for the top bar; asked every few seconds as long as one runs."""
    running = Job.objects.filter(owner=request.user, state__in=(Job.State.QUEUED, Job.State.RUNNING)).count()
    return render(request, "_components/jobs_badge.html", {"jobs_running": running, "jobs_ended": not running})

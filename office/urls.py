"""Addresses of the room."""
from django.urls import path

from office.views import jobs, officers, postings, profile, programmes, statistics, suggestions, trail

app_name = "office"
urlpatterns = [
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/badge/", jobs.jobs_badge, name="jobs_badge"),
    path("jobs/<int:pk>/", jobs.job_page, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
    path("programmes/", programmes.programme_list, name="programmes"),
    path("programmes/<str:key>/", programmes.programme_page, name="programme"),
    path("statistics/", statistics.statistic_list, name="statistics"),
    path("statistics/export/", statistics.statistics_export, name="statistics_export"),
    path("statistics/new/", statistics.statistic_new, name="statistic_new"),
    path("statistics/check/", statistics.statistic_check, name="statistic_check"),
    path("statistics/<int:pk>/", statistics.statistic_page, name="statistic"),
    path("statistics/<int:pk>/edit/", statistics.statistic_edit, name="statistic_edit"),
    path("officers/", officers.officer_list, name="officers"),
    path("officers/new/", officers.officer_new, name="officer_new"),
    path("officers/<int:pk>/", officers.officer_page, name="officer"),
    path("officers/<int:pk>/<str:step>/", officers.officer_step, name="officer_step"),
    path("postings/", postings.posting_list, name="postings"),
    path("postings/new/", postings.posting_new, name="posting_new"),
    path("postings/<int:pk>/end/", postings.posting_end, name="posting_end"),
    path("suggestions/areas/", suggestions.area_options, name="area_options"),
    path("suggestions/officers/", suggestions.officer_options, name="officer_options"),
    path("trail/", trail.trail_list, name="trail"),
    path("trail/verify/", trail.trail_verify, name="trail_verify"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/end/", profile.end_own_sessions, name="end_own_sessions"),
]

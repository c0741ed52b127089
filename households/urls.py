"""Addresses of the room: workbooks in and out. Pages that show the register with its status lie in the assessment."""
from django.urls import path

from households import views

app_name = "households"
urlpatterns = [
    path("imports/", views.import_list, name="imports"),
    path("imports/new/", views.import_new, name="import_new"),
    path("imports/template.xlsx", views.import_template, name="import_template"),
    path("imports/<int:pk>/", views.import_page, name="import"),
    path("imports/<int:pk>/apply/", views.import_apply, name="import_apply"),
    path("imports/<int:pk>/retry/", views.import_retry, name="import_retry"),
    path("imports/<int:pk>/discard/", views.import_discard, name="import_discard"),
    path("imports/<int:pk>/report/", views.import_report, name="import_report"),
    path("exports/new/", views.export_new, name="export_new"),
]

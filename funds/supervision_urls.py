"""Addresses of the supervision of the money."""
from django.urls import path

from funds.views import network, publicity, stages

urlpatterns = [
    path("supervision/", publicity.publicity_list, name="publicity"),
    path("supervision/publicity/export/", publicity.publicity_export, name="publicity_export"),
    path("supervision/supervisors/", network.supervisor_list, name="supervisors"),
    path("supervision/supervisors/export/", network.supervisor_export, name="supervisors_export"),
    path("villages/<str:code>/supervisor/", network.village_supervisor, name="village_supervisor"),
    path("projects/<int:pk>/supervisor/", network.project_supervisor, name="project_supervisor"),
    path("supervision/network/", network.network_list, name="network"),
    path("supervision/network/enter/", network.network_enter, name="network_enter"),
    path("supervision/network/export/", network.network_export, name="network_export"),
    path("supervision/stages/", stages.stage_list, name="stages"),
    path("supervision/stages/export/", stages.stage_export, name="stages_export"),
    path("projects/<int:pk>/publicity/<str:what>/", publicity.project_publish, name="project_publish"),
    path("movements/<int:pk>/publicity/", publicity.division_publish, name="division_publish"),
    path("publications/<int:pk>/", publicity.publication_edit, name="publication_edit"),
    path("publications/<int:pk>/withdraw/", publicity.publication_withdraw, name="publication_withdraw"),
]

"""Addresses of the supervision of the money."""
from django.urls import path

from funds.views import audits, leads, network, procurements, publicity, stages

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
    path("supervision/audits/", audits.audit_list, name="audits"),
    path("supervision/audits/export/", audits.audit_export, name="audits_export"),
    path("supervision/findings/", audits.finding_list, name="audit_findings"),
    path("supervision/findings/export/", audits.finding_export, name="audit_findings_export"),
    path("supervision/audits/places/", audits.audit_places, name="audit_places"),
    path("supervision/audits/new/", audits.audit_new, name="audit_new"),
    path("supervision/audits/<int:pk>/", audits.audit, name="audit"),
    path("supervision/audits/<int:pk>/edit/", audits.audit_edit, name="audit_edit"),
    path("supervision/audits/<int:pk>/findings/new/", audits.finding_new, name="audit_finding_new"),
    path("supervision/findings/<int:pk>/", audits.finding, name="audit_finding"),
    path("supervision/findings/<int:pk>/edit/", audits.finding_edit, name="audit_finding_edit"),
    path("supervision/procurements/", procurements.procurement_list, name="procurements"),
    path("supervision/procurements/export/", procurements.procurement_export, name="procurements_export"),
    path("projects/<int:pk>/procurement/", procurements.project_procure, name="project_procure"),
    path("supervision/procurements/<int:pk>/", procurements.procurement_edit, name="procurement_edit"),
    path("supervision/leads/", leads.lead_list, name="leads"),
    path("supervision/leads/export/", leads.lead_export, name="leads_export"),
    path("projects/<int:pk>/publicity/<str:what>/", publicity.project_publish, name="project_publish"),
    path("movements/<int:pk>/publicity/", publicity.division_publish, name="division_publish"),
    path("supervision/publications/<int:pk>/", publicity.publication_edit, name="publication_edit"),
    path("supervision/publications/<int:pk>/withdraw/", publicity.publication_withdraw, name="publication_withdraw"),
]

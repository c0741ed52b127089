"""Addresses of the supervision of the money."""
from django.urls import path

from funds.views import publicity

urlpatterns = [
    path("supervision/", publicity.publicity_list, name="publicity"),
    path("supervision/publicity/export/", publicity.publicity_export, name="publicity_export"),
    path("projects/<int:pk>/publicity/<str:what>/", publicity.project_publish, name="project_publish"),
    path("movements/<int:pk>/publicity/", publicity.division_publish, name="division_publish"),
    path("publications/<int:pk>/", publicity.publication_edit, name="publication_edit"),
    path("publications/<int:pk>/withdraw/", publicity.publication_withdraw, name="publication_withdraw"),
]

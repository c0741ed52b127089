"""Addresses of the product."""
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("office.accounts_urls")),
    path("office/", include("office.urls")),
    path("villages/", include("villages.urls")),
    path("households/", include("households.urls")),
    path("", include("assessment.urls")),
]

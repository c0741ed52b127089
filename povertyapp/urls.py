"""Addresses of the product."""
from django.urls import include, path

from assessment.views.dashboard import home
from funds.views.public import public_funds
from office.views.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("office.accounts_urls")),
    path("office/", include("office.urls")),
    path("villages/", include("villages.urls")),
    path("households/", include("households.urls")),
    path("funds/", include("funds.urls")),
    path("public/funds/<str:code>/", public_funds, name="public_funds"),
    path("", home, name="home"),
    path("", include("assessment.urls")),
]

handler400 = "office.failures.bad_request"
handler403 = "office.failures.forbidden"
handler404 = "office.failures.not_found"
handler429 = "office.failures.too_many"
handler500 = "office.failures.broken"

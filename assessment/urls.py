"""Addresses of the room: what shows the register together with its status."""
from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from assessment import api
from assessment.views import bulletins, dashboard, household, households, runs, villages

app_name = "assessment"
urlpatterns = [
    path("api/households/", api.HouseholdViewSet.as_view({"get": "list"}), name="api_households"),
    path("api/households/<str:no>/", api.HouseholdViewSet.as_view({"get": "retrieve"}), name="api_household"),
    path("api/runs/", api.RunViewSet.as_view({"get": "list"}), name="api_runs"),
    path("api/runs/<int:pk>/", api.RunViewSet.as_view({"get": "retrieve"}), name="api_run"),
    path("api/summaries/", api.SummaryViewSet.as_view({"get": "list"}), name="api_summaries"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("areas/<str:code>/", dashboard.area_page, name="area"),
    path("areas/<str:code>/map.json", dashboard.map_data, name="map"),
    path("areas/<str:code>/outline.json", dashboard.outline, name="outline"),
    path("areas/<str:code>/poor-villages/", dashboard.poor_villages, name="poor_villages"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/new/", runs.run_new, name="run_new"),
    path("runs/compare/", runs.compare, name="compare"),
    path("runs/<int:pk>/", runs.run_page, name="run"),
    path("runs/<int:before>/<int:after>/", runs.difference, name="difference"),
    path("bulletins/", bulletins.bulletin_list, name="bulletins"),
    path("bulletins/new/", bulletins.bulletin_new, name="bulletin_new"),
    path("bulletins/<int:pk>/", bulletins.bulletin_page, name="bulletin"),
    path("bulletins/<int:pk>/file.pdf", bulletins.bulletin_file, name="bulletin_file"),
    path("bulletins/<int:pk>/issue/", bulletins.bulletin_issue, name="bulletin_issue"),
    path("bulletins/<int:pk>/withdraw/", bulletins.bulletin_withdraw, name="bulletin_withdraw"),
    path("households/", households.household_list, name="household_list"),
    path("households/export.xlsx", households.household_list_export, name="household_list_export"),
    path("households/<str:no>/", household.household, name="household"),
    path("households/<str:no>/reveal/<str:what>/<int:pk>/", household.household_reveal, name="household_reveal"),
    path("villages/", villages.tree, name="tree"),
    path("villages/<str:code>/", villages.village, name="village"),
]

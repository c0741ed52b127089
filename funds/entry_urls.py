"""Addresses of what is due and entered: promised sums, who helps villages, money invested for a return."""
from django.urls import path

from funds.views import investments, pledges, projects, supports

urlpatterns = [
    path("pledges/", pledges.pledge_list, name="pledges"),
    path("pledges/new/", pledges.pledge_new, name="pledge_new"),
    path("pledges/options/", pledges.pledge_options, name="pledge_options"),
    path("pledges/<int:pk>/", pledges.pledge, name="pledge"),
    path("pledges/<int:pk>/edit/", pledges.pledge_edit, name="pledge_edit"),
    path("due/villages/", supports.support_list, name="supports"),
    path("due/villages/set/", supports.support_set, name="support_set"),
    path("investments/", investments.investment_list, name="investments"),
    path("investments/<int:pk>/edit/", investments.investment_edit, name="investment_edit"),
    path("projects/<int:pk>/review/", projects.project_review, name="project_review"),
    path("projects/<int:pk>/invest/", investments.investment_new, name="investment_new"),
]

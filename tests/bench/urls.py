"""The product's addresses and one more: a page that is nothing but frame, the floor of all pages."""
from django.shortcuts import render
from django.urls import include, path

from office.access import allow
from povertyapp import urls

handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500


@allow(None)
def empty(request):
    return render(request, "base.html", {"title": "空白页"})


urlpatterns = [path("bench/empty/", empty, name="bench-empty"), path("", include("povertyapp.urls"))]

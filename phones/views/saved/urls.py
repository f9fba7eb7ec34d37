"""Addresses of saved views, and of the counts that stand on every page."""

from django.urls import path

from phones.views.saved import columns, page

urlpatterns = [
    path("views/", page.views, name="views"),
    path("views/<slug:slug>/", page.view, name="view"),
    path("columns/", columns.columns, name="columns"),
    path("counts/", page.count, name="counts"),
]

"""Addresses of bulk runs."""

from django.urls import path

from phones.views.bulk import page, results
from phones.views.list_file import file_routes

urlpatterns = [
    *file_routes("bulk/", page.BulkRunList),
    path("bulk/", page.runs, name="bulk-runs"),
    path("bulk/plan/", page.plan, name="bulk-plan"),
    path("bulk/<int:pk>/", page.run, name="bulk-run"),
    path("bulk/<int:pk>/results.csv", results.as_csv, name="bulk-results"),
    path("bulk/<int:pk>/results.xlsx", results.as_excel, name="bulk-results-excel"),
    path("bulk/<int:pk>/<slug:what>/", page.act, name="bulk-act"),
]

"""Addresses of bulk runs."""

from django.urls import path

from phones.views.bulk import page, results

urlpatterns = [
    path("bulk/", page.runs, name="bulk-runs"),
    path("bulk/plan/", page.plan, name="bulk-plan"),
    path("bulk/<int:pk>/", page.run, name="bulk-run"),
    path("bulk/<int:pk>/results.csv", results.results, name="bulk-results"),
    path("bulk/<int:pk>/<slug:what>/", page.act, name="bulk-act"),
]

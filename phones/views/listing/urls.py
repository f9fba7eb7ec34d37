"""Addresses of the numbers list."""

from django.urls import path

from phones.views.listing import page, panel

urlpatterns = [
    path("phones/", page.phones, name="list"),
    path("phones/clients/", panel.client_choices, name="client-choices"),
    path("phones/panel/", panel.whole, name="panel"),
    path("phones/filters/", panel.value_counts, name="value-counts"),
    path("phones/export.csv", page.export, name="export"),
    path("phones/chosen/", page.export_chosen, name="export-chosen"),
    path("phones/export.xlsx", page.export_workbook, name="export-excel"),
]

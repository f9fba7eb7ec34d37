"""Addresses of the numbers list."""

from django.urls import path

from phones.views.listing import page

urlpatterns = [
    path("phones/", page.phones, name="list"),
    path("phones/export.csv", page.export, name="export"),
    path("phones/export.xlsx", page.export_workbook, name="export-excel"),
]

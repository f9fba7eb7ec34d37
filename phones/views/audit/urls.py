"""Addresses of the audit log."""

from django.urls import path

from phones.views.audit import page
from phones.views.list_file import file_routes

urlpatterns = [
    path("audit/", page.audit, name="audit"),
    *file_routes("audit/", page.AuditList, insist=page.insist_on_reader),
]

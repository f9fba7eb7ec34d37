"""Addresses of sync runs."""

from django.urls import path

from phones.views.list_file import file_routes
from phones.views.syncs import page

urlpatterns = [
    path("syncs/", page.syncs, name="syncs"),
    *file_routes("syncs/", page.RunList),
    path("syncs/start/", page.start, name="sync-start"),
    path("syncs/<int:pk>/", page.sync, name="sync"),
]

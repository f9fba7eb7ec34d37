"""Addresses of what changed over a whole book."""

from django.urls import path

from phones.changes.change_list import ChangeList
from phones.views.changes import page
from phones.views.list_file import file_routes

urlpatterns = [
    path("changes/", page.changes, name="changes"),
    *file_routes("changes/", ChangeList),
    path("changes/seen/", page.seen, name="changes-seen"),
]

"""Addresses of what changed over a whole book."""

from django.urls import path

from phones.views.changes import page

urlpatterns = [
    path("changes/", page.changes, name="changes"),
    path("changes/seen/", page.seen, name="changes-seen"),
]

"""Addresses of what changed over a whole book."""

from django.urls import path

from phones.views.changes import files, news, page
from phones.views.list_file import routes_of

urlpatterns = [
    path("changes/", page.changes, name="changes"),
    *routes_of("changes/", "changes", "changes", files.read),
    path("changes/news/", news.of_changes, name="changes-news"),
    path("changes/seen/", page.seen, name="changes-seen"),
]

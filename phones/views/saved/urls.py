"""Addresses of saved views, of the counts that stand on every page, and of what is new in any list."""

from django.urls import path

from phones.views import news
from phones.views.saved import columns, page

urlpatterns = [
    path("views/", page.views, name="views"),
    path("views/<slug:slug>/", page.view, name="view"),
    path("columns/", columns.columns, name="columns"),
    path("counts/", page.count, name="counts"),
    path("news/", news.of_list, name="news"),
]

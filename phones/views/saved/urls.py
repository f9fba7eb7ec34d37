"""Addresses of saved views, of the counts that stand on every page, and of what is new in any list."""

from django.urls import path

from phones.views import news
from phones.views.saved import page

urlpatterns = [
    path("views/", page.views, name="views"),
    path("views/<slug:slug>/", page.view, name="view"),
    path("counts/", page.count, name="counts"),
    path("news/", news.of_list, name="news"),
]

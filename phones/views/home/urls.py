"""Addresses of the home page."""

from django.urls import path

from phones.views.home import page

urlpatterns = [
    path("", page.home, name="home"),
    path("desk/news/", page.home_news, name="home-news"),
]

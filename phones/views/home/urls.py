"""The addresses of the home page, and of what each page tells of its keys."""

from django.urls import path

from phones.views.home import keys, page

urlpatterns = [path("", page.home, name="home"), path("keys/", keys.keys, name="keys")]

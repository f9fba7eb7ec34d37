"""Addresses of the look-up."""

from django.urls import path

from phones.views.find import page

urlpatterns = [
    path("find/", page.find, name="find"),
    path("find/recent/", page.remember, name="find-remember"),
]

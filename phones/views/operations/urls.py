"""Addresses of operations."""

from django.urls import path

from phones.views.operations import endings, page

urlpatterns = [
    path("operations/", page.operations, name="operations"),
    path("operations/endings/", endings.what_ends, name="endings"),
]

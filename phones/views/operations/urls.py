"""Addresses of operations."""

from django.urls import path

from phones.views.operations import page

urlpatterns = [path("operations/", page.operations, name="operations")]

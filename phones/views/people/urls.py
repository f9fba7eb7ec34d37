"""Addresses of the people of the desk."""

from django.urls import path

from phones.views.people import page

urlpatterns = [
    path("people/", page.people, name="people"),
    path("people/<int:pk>/", page.person, name="person"),
]

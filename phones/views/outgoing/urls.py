"""Addresses of our webhooks. What Meta posts to us has others."""

from django.urls import path

from phones.views.outgoing import page

urlpatterns = [
    path("outgoing/", page.webhooks, name="outgoing"),
    path("outgoing/<int:pk>/<str:act>/", page.act, name="outgoing-act"),
]

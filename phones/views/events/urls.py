"""Addresses of Meta's events: the receiver, the page about them, and switching them on."""

from django.urls import path

from phones.views.events import actions, page, receiver
from phones.views.list_file import file_routes

urlpatterns = [
    path("webhooks/meta/", receiver.meta, name="webhook"),
    # Typed without its slash into Meta's form: a POST can't be redirected.
    path("webhooks/meta", receiver.meta, name="webhook-without-slash"),
    path("events/", page.events, name="events"),
    *file_routes("events/", page.EventList, insist=page.insist_on_staff),
    path("events/replay/", page.replay, name="events-replay"),
    path("events/callback/", actions.point_here, name="callback"),
    path("events/callback/check/", page.check_callback, name="callback-check"),
    path("wabas/<str:waba_id>/events/check/", page.check, name="events-check"),
    path("wabas/<str:waba_id>/events/subscribe/", actions.subscribe, name="events-subscribe"),
    path("wabas/<str:waba_id>/events/override/", actions.override, name="events-override"),
]

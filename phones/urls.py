"""Addresses of the desk's pages. Graph ids and our own keys are told apart by the path."""

from django.urls import path

from phones.views.accounts import clients, wabas
from phones.views.events import page as events
from phones.views.events import receiver as webhooks
from phones.views.home import page as home
from phones.views.listing import page as table
from phones.views.number import actions
from phones.views.number import page as numbers
from phones.views.signup import links
from phones.views.syncs import page as syncs

app_name = "phones"

urlpatterns = [
    path("", home.home, name="home"),
    path("phones/", table.phones, name="list"),
    path("phones/export.csv", table.export, name="export"),
    path("phones/<str:phone_number_id>/", numbers.number, name="number"),
    path("phones/<str:phone_number_id>/code-links/", links.make_code_link, name="code-links"),
    path("phones/<str:phone_number_id>/refresh/", numbers.refresh, name="refresh"),
    path("phones/<str:phone_number_id>/confirm/<slug:kind>/", actions.confirm, name="confirm"),
    path("phones/<str:phone_number_id>/pin/reveal/", actions.reveal_pin, name="reveal-pin"),
    path("phones/<str:phone_number_id>/support/<int:pk>/", actions.support, name="support"),
    path("phones/<str:phone_number_id>/<slug:kind>/", actions.act, name="act"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.new, name="client-new"),
    path("clients/<int:pk>/", clients.client, name="client"),
    path("clients/<int:pk>/assign/", clients.assign, name="assign"),
    path("clients/<int:pk>/signup-links/", links.make_signup_link, name="signup-links"),
    path("clients/<int:pk>/status-links/", links.make_status_link, name="status-links"),
    path("wabas/<str:waba_id>/", wabas.waba, name="waba"),
    path("wabas/<str:waba_id>/ask/", wabas.ask, name="ask"),
    path("wabas/<str:waba_id>/add-number/", actions.add_number, name="add-number"),
    path("wabas/<str:waba_id>/events/check/", events.check, name="events-check"),
    path("wabas/<str:waba_id>/events/subscribe/", events.subscribe, name="events-subscribe"),
    path("webhooks/meta/", webhooks.meta, name="webhook"),
    path("events/", events.events, name="events"),
    path("events/replay/", events.replay, name="events-replay"),
    path("events/callback/", events.point_here, name="callback"),
    path("events/callback/check/", events.check_callback, name="callback-check"),
    path("syncs/", syncs.syncs, name="syncs"),
    path("syncs/start/", syncs.start, name="sync-start"),
    path("syncs/<int:pk>/", syncs.sync, name="sync"),
]

"""Addresses of clients, portfolios and WABAs."""

from django.urls import path

from phones.views.accounts import (
    assigning,
    client_links,
    client_news,
    clients,
    connect,
    portfolios,
    signup_panel,
    waba_list,
    wabas,
)
from phones.views.list_file import file_routes

urlpatterns = [
    *file_routes("clients/", clients.ClientList),
    *file_routes("wabas/", waba_list.WabaList),
    path("clients/", clients.clients, name="clients"),
    path("clients/assign/", assigning.assign_many, name="clients-assign"),
    path("clients/new/", clients.new, name="client-new"),
    path("clients/<int:pk>/", clients.client, name="client"),
    path("clients/<int:pk>/news/", client_news.of_client, name="client-news"),
    path("clients/<int:pk>/assign/", clients.assign, name="assign"),
    path("clients/<int:pk>/contact/", signup_panel.contact, name="client-contact"),
    path("clients/<int:pk>/language/", clients.choose_language, name="client-language"),
    path("clients/<int:pk>/links/", client_links.client_links, name="client-links"),
    path("clients/<int:pk>/links/revoke/", client_links.revoke_client_links, name="client-links-revoke"),
    path("clients/<int:pk>/signup-links/", signup_panel.make_signup_link, name="signup-links"),
    path("clients/<int:pk>/status-links/", signup_panel.make_status_link, name="status-links"),
    path("wabas/", waba_list.wabas, name="wabas"),
    path("portfolios/<str:business_id>/", portfolios.portfolio, name="portfolio"),
    path("clients/<int:pk>/connect/", connect.connect, name="connect-waba"),
    path("wabas/<str:waba_id>/", wabas.waba, name="waba"),
    path("wabas/<str:waba_id>/ask/", wabas.ask, name="ask"),
    path("wabas/<str:waba_id>/details/read/", wabas.read_details, name="read-waba-details"),
]

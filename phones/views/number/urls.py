"""Addresses of one number. Fixed words come before the kinds of actions."""

from django.urls import path

from phones.views.number import actions, as_of, message_links, news, page, profile

urlpatterns = [
    path("phones/<str:phone_number_id>/", page.number, name="number"),
    path("phones/<str:phone_number_id>/news/", news.of_number, name="number-news"),
    path("phones/<str:phone_number_id>/as-of/", as_of.as_of, name="as-of"),
    path("phones/<str:phone_number_id>/code-links/", page.make_code_link, name="code-links"),
    path("phones/<str:phone_number_id>/refresh/", page.refresh, name="refresh"),
    path("phones/<str:phone_number_id>/profile/read/", profile.read, name="read-profile"),
    path("phones/<str:phone_number_id>/details/read/", profile.read_more, name="read-details"),
    path("phones/<str:phone_number_id>/message-links/", message_links.message_links, name="message-links"),
    path("phones/<str:phone_number_id>/message-links/read/", message_links.read_links, name="read-links"),
    path("phones/<str:phone_number_id>/message-links/new/", message_links.make_link, name="make-link"),
    path(
        "phones/<str:phone_number_id>/message-links/<slug:code>/change/", message_links.change_link, name="change-link"
    ),
    path(
        "phones/<str:phone_number_id>/message-links/<slug:code>/delete/", message_links.delete_link, name="delete-link"
    ),
    path("phones/<str:phone_number_id>/message-links/<slug:code>/print/", message_links.print_link, name="print-link"),
    path("phones/<str:phone_number_id>/confirm/<slug:kind>/", actions.confirm, name="confirm"),
    path("phones/<str:phone_number_id>/pin/reveal/", actions.reveal_pin, name="reveal-pin"),
    path("phones/<str:phone_number_id>/support/<int:pk>/", actions.support, name="support"),
    path("phones/<str:phone_number_id>/<slug:kind>/", actions.act, name="act"),
]

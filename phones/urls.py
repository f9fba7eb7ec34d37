"""Addresses of the desk's pages; each folder of pages has its own. Graph ids and our keys are told apart by path."""

from django.urls import include, path

from phones.views.number import actions, moving

app_name = "phones"

urlpatterns = [
    path("", include("phones.views.home.urls")),
    path("", include("phones.views.find.urls")),
    path("", include("phones.views.listing.urls")),
    path("", include("phones.views.bulk.urls")),
    path("", include("phones.views.changes.urls")),
    path("", include("phones.views.book.urls")),
    path("", include("phones.views.offboarding.urls")),
    path("", include("phones.views.number.urls")),
    path("", include("phones.views.accounts.urls")),
    path("wabas/<str:waba_id>/add-number/", actions.add_number, name="add-number"),
    path("wabas/<str:waba_id>/move-number/", moving.move_number, name="move-number"),
    path("", include("phones.views.events.urls")),
    path("", include("phones.views.syncs.urls")),
    path("", include("phones.views.mails.urls")),
    path("", include("phones.views.api_tokens.urls")),
    path("", include("phones.views.outgoing.urls")),
    path("", include("phones.views.approvals.urls")),
    path("", include("phones.views.audit.urls")),
    path("", include("phones.views.operations.urls")),
    path("", include("phones.views.people.urls")),
    path("", include("phones.views.pictures.urls")),
    path("", include("phones.views.saved.urls")),
]

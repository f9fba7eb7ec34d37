"""Addresses under /signup/: what clients open with a link, and what managers see. Fixed words come before tokens."""

from django.urls import path

from phones.views.list_file import file_routes
from phones.views.signup import certificate, client_links, ledger, many, qr, signup

app_name = "signup"

urlpatterns = [
    path("", ledger.ledger, name="ledger"),
    *file_routes("", ledger.SignupList),
    path("attempts/retry/", many.retry_many, name="retry-many"),
    path("attempts/revoke/", many.revoke_many, name="revoke-many"),
    path("attempts/<int:pk>/", ledger.attempt, name="attempt"),
    path("attempts/<int:pk>/claim/", ledger.claim, name="claim"),
    path("attempts/<int:pk>/set-aside/", ledger.set_aside, name="set-aside"),
    path("onboarding/<int:pk>/", ledger.onboarding, name="onboarding"),
    path("onboarding/<int:pk>/retry/", ledger.retry, name="retry"),
    path("onboarding/<int:pk>/dismiss/", ledger.dismiss, name="dismiss"),
    path("links/<slug:kind>/<int:pk>/revoke/", ledger.revoke, name="revoke"),
    path("links/<slug:kind>/<int:pk>/qr/", qr.qr, name="qr"),
    path("code/<str:token>/", client_links.code, name="code"),
    path("status/<str:token>/", client_links.status, name="status"),
    path("status/<str:token>/ended/<int:pk>/", certificate.certificate, name="certificate"),
    path("<str:token>/", signup.page, name="page"),
    path("<str:token>/begin/", signup.begin, name="begin"),
    path("<str:token>/event/", signup.event, name="event"),
    path("<str:token>/finish/", signup.finish, name="finish"),
    path("<str:token>/progress/<uuid:public_id>/", signup.progress, name="progress"),
]

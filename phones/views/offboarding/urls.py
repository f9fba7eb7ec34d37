"""Addresses of case files of clients and numbers that leave. They come before those of one number."""

from django.urls import path

from phones.views.offboarding import at_meta, page

urlpatterns = [
    path("clients/<int:pk>/offboarding/", page.begin_for_client, name="offboard-client"),
    path("phones/<str:phone_number_id>/offboarding/", page.begin_for_number, name="offboard-number"),
    path("offboarding/<int:pk>/", page.case, name="offboarding"),
    path("offboarding/<int:pk>/steps/<int:step>/", page.say, name="offboarding-step"),
    path("offboarding/<int:pk>/certify/", page.certify, name="offboarding-certify"),
    path("offboarding/<int:pk>/give-up/", page.give_up, name="offboarding-give-up"),
    path("wabas/<str:waba_id>/events/off/", at_meta.unsubscribe, name="events-unsubscribe"),
    path("wabas/<str:waba_id>/credit-line/revoke/", at_meta.revoke_credit_line, name="revoke-credit-line"),
]

"""Addresses of mails, of what people want of them, and of teams' channels."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from phones.views.mails import channels, page, wants

urlpatterns = [
    path("account/mails/", wants.mail_settings, name="mail-settings"),
    path("account/mails/trial/", wants.trial, name="mail-trial"),
    path("mails/<uuid:public_id>/", page.mail, name="mail"),
    path("mails/unsubscribe/<str:token>/", login_not_required(page.unsubscribe), name="unsubscribe"),
    path("channels/", channels.channels, name="channels"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/delete/", channels.delete, name="channel-delete"),
    path("channels/<int:pk>/<str:act>/", channels.act, name="channel-act"),
]

"""Addresses of labels, notes, mentions, and of who looks after whom. They come before those of one number."""

from django.urls import path

from phones.views.book import handover, labels, mentions, notes

urlpatterns = [
    path("clients/<int:pk>/labels/", labels.label_client, name="client-labels"),
    path("clients/<int:pk>/watch/", labels.watch_client, name="client-watch"),
    path("clients/<int:pk>/notes/", notes.write_about_client, name="client-notes"),
    path("phones/<str:phone_number_id>/labels/", labels.label_number, name="number-labels"),
    path("phones/<str:phone_number_id>/watch/", labels.watch_number, name="number-watch"),
    path("phones/<str:phone_number_id>/notes/", notes.write_about_number, name="number-notes"),
    path("notes/<int:pk>/edit/", notes.edit, name="note-edit"),
    path("notes/<int:pk>/delete/", notes.delete, name="note-delete"),
    path("mentions/", mentions.mentions, name="mentions"),
    path("mentions/seen/", mentions.seen, name="mentions-seen"),
    path("labels/", labels.labels, name="labels"),
    path("handover/", handover.handover, name="handover"),
]

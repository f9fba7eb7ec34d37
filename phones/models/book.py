"""What account managers keep of their own: labels on numbers, numbers they watch, notes and who is mentioned in them.

Each row carries the client on whose behalf it was made. A number may be on WABAs of two clients, or move to another
one: neither side's people read the words of the other's.
"""

from django.conf import settings
from django.db import models

from phones.querysets import MentionQuerySet, NoteQuerySet, NumberLabelQuerySet, NumberWatchQuerySet


class NumberLabel(models.Model):
    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, related_name="number_labels")
    label = models.ForeignKey("clients.Label", on_delete=models.CASCADE, related_name="on_numbers")
    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="number_labels")

    objects = NumberLabelQuerySet.as_manager()

    class Meta:
        ordering = ("label__name", "pk")
        constraints = [models.UniqueConstraint(fields=["number", "label", "client"], name="one_label_once_on_a_number")]

    def __str__(self) -> str:
        return f"Label {self.label_id} on number {self.number_id}"


class NumberWatch(models.Model):
    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, related_name="watches")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watched_numbers")

    objects = NumberWatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "number watches"
        constraints = [models.UniqueConstraint(fields=["number", "person"], name="one_watch_per_number_and_person")]

    def __str__(self) -> str:
        return f"Watch of number {self.number_id}"


class Note(models.Model):
    """A note in the journal of a client, or of one of its numbers. Deleting it empties the text and keeps the line."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="notes")
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="notes"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField(blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Note {self.pk}"


class Mention(models.Model):
    """A person is named in a note, which waits for them until they have seen it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["note", "person"], name="one_mention_per_note_and_person")]

    def __str__(self) -> str:
        return f"Mention in note {self.note_id}"

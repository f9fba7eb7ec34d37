"""Notes, labels and watches of numbers: for looking only, because each is somebody's own words or wish."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from clients.back_office import Subject
from phones.models import Mention, Note, NumberLabel, NumberWatch


@admin.register(Note)
class NoteAdmin(ReadOnly):
    """Notes. They are edited by their author and deleted on the desk, where a deleted one keeps its line."""

    subject = Subject.BOOK
    list_display = ("created_at", "client", "number", "author", "edited_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter), ("number", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("client", "number", "author")
    search_fields = ("client__name", "number__digits", "=number__phone_number_id", "author__username", "text")
    date_hierarchy = "created_at"


@admin.register(Mention)
class MentionAdmin(ReadOnly):
    subject = Subject.BOOK
    list_display = ("id", "person", "note", "client", "seen_at")
    list_filter = (("seen_at", admin.EmptyFieldListFilter), ("person", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("person", "note__client")
    search_fields = ("person__username", "note__client__name")

    @admin.display(ordering="note__client__name")
    def client(self, mention: Mention) -> str:
        return str(mention.note.client)


@admin.register(NumberLabel)
class NumberLabelAdmin(ReadOnly):
    subject = Subject.BOOK
    list_display = ("number", "label", "client")
    list_display_links = ("number", "label")
    list_filter = ("label",)
    list_select_related = ("number", "label", "client")
    search_fields = ("number__digits", "=number__phone_number_id", "client__name", "label__name")


@admin.register(NumberWatch)
class NumberWatchAdmin(ReadOnly):
    subject = Subject.BOOK
    list_display = ("number", "person")
    list_filter = (("person", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("number", "person")
    search_fields = ("number__digits", "=number__phone_number_id", "person__username")

"""What people keep of the lists: named views, and how each person wants a list shown."""

from django.conf import settings
from django.db import models

from clients.querysets import SavedViewQuerySet
from portal.fields import FoldedNameField


class SavedView(models.Model):
    """What somebody asked a list for, under a name. It holds no rows: whoever opens it finds their own.

    `parameters` are those of the list's address, as `portal.web.query.ListQuery` keeps them.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    list_name = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    folded_name = FoldedNameField()
    slug = models.CharField(max_length=80, unique=True)
    parameters = models.JSONField(default=list)
    is_shared = models.BooleanField(default=False, help_text="Everybody with a role may open it.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(fields=["owner", "list_name", "name"], name="one_view_per_name_and_person")
        ]

    def __str__(self) -> str:
        return self.name


class ListPreference(models.Model):
    """How one person wants one list: its columns in their order (none: the usual ones), and the view it opens with."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_preferences")
    list_name = models.CharField(max_length=30)
    columns = models.JSONField(default=list, blank=True)
    default_view = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "list_name"], name="one_preference_per_list")]

    def __str__(self) -> str:
        return f"{self.list_name} of {self.person}"

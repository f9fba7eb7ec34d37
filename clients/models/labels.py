"""Labels: words with a colour that the team puts on clients and numbers."""

from django.db import models

from clients.choices import LabelColour
from clients.querysets import ClientLabelQuerySet
from portal.fields import FoldedNameField


class Label(models.Model):
    """One word of the team's own. Leads keep the list; what it stands on is for who sees that client."""

    name = models.CharField(max_length=30)
    folded_name = FoldedNameField(unique=True)
    colour = models.CharField(max_length=10, choices=LabelColour, default=LabelColour.GREY)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class ClientLabel(models.Model):
    """A label on a client."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="client_labels")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="on_clients")

    objects = ClientLabelQuerySet.as_manager()

    class Meta:
        ordering = ("label__name", "pk")
        constraints = [models.UniqueConstraint(fields=["client", "label"], name="one_label_once_on_a_client")]

    def __str__(self) -> str:
        return f"Label {self.label_id} on client {self.client_id}"

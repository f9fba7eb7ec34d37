"""What Meta answered when it did not do what was asked."""

from django.db import models


class Refused(models.Model):
    """The columns that keep an error of Meta's for people and for its support. No secret is among them."""

    error_kind = models.CharField(max_length=40, blank=True)
    code = models.IntegerField(null=True, blank=True)
    subcode = models.IntegerField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    fbtrace_id = models.CharField(max_length=100, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

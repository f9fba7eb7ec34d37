"""The partner's pool of pre-verified numbers."""

from django.db import models

from phones.querysets import PreverifiedNumberQuerySet


class PreverifiedNumber(models.Model):
    """A number that the partner verified beforehand, with what Graph last said of it.

    It is offered to one signup link at a time (`reserved_for`). Once a client claims it, Meta takes it out of the pool
    and a phone number with a new id appears on the client's WABA (`number`). Facts are NULL while not returned.
    """

    preverified_id = models.CharField(max_length=32, unique=True)
    phone_number = models.CharField(max_length=32, null=True, blank=True)
    digits = models.CharField(max_length=32, blank=True, db_index=True)
    code_verification_status = models.CharField(max_length=512, null=True, blank=True)
    code_verification_time = models.DateTimeField(null=True, blank=True)
    verification_expiry_time = models.DateTimeField(null=True, blank=True, db_index=True)
    owner_business_id = models.CharField(max_length=32, null=True, blank=True)
    owner_business_name = models.CharField(max_length=512, null=True, blank=True)
    first_seen_at = models.DateTimeField()
    added_at = models.DateTimeField(null=True, blank=True, help_text="When the desk added it to the pool.")
    synced_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    reserved_for = models.OneToOneField(
        "clients.SignupLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="preverified_number"
    )
    reserved_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        "clients.SignupLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.SET_NULL, null=True, blank=True, related_name="preverified_as"
    )

    objects = PreverifiedNumberQuerySet.as_manager()

    class Meta:
        verbose_name = "pre-verified number"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.phone_number or self.preverified_id


class PreverifiedShare(models.Model):
    """A partner business that may offer a pre-verified number too."""

    number = models.ForeignKey(PreverifiedNumber, on_delete=models.CASCADE, related_name="shares")
    business_id = models.CharField(max_length=32)
    business_name = models.CharField(max_length=512, blank=True)
    since = models.DateTimeField()

    class Meta:
        verbose_name = "share of a pre-verified number"
        verbose_name_plural = "shares of pre-verified numbers"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["number", "business_id"], name="one_share_per_business")]

    def __str__(self) -> str:
        return self.business_name or self.business_id

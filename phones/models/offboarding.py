"""Clients and numbers that leave: what has to be done, how far it is, and the certificate of its end."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from phones.offboarding_choices import LeavingStep, Mark
from phones.querysets import OffboardingQuerySet, OffboardingStepQuerySet


class Offboarding(models.Model):
    """The case file of a client that leaves, or of one `number` of theirs.

    Of one client one at a time goes on for each number, and one for the client as a whole, which `cases.begin` sees to:
    clients that were merged may have two. A number whose WABA went to another client may have a case with each.

    `certificate` is what was so when the end was certified: a list of objects with `kind`, `about`, `mark` and `at`,
    which the client may read. `reopened_at` is set while a later reading shows that something of it is no longer so.
    """

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="offboardings")
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="offboardings"
    )
    reason = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    looked_at = models.DateTimeField(null=True, blank=True, help_text="When its steps were last compared with Meta.")
    certified_at = models.DateTimeField(null=True, blank=True)
    certified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    certificate = models.JSONField(default=list, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True, help_text="When somebody said that nobody leaves.")

    objects = OffboardingQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Offboarding {self.pk}"

    @property
    def subject(self) -> str:
        """Who or what leaves."""
        return str(self.number or self.client)


class OffboardingStep(models.Model):
    """One thing to be done: about a number on a WABA, about a WABA, or about the case as a whole.

    `mark` is how far it is as of `marked_at`; of SAID and NOT_NEEDED `marked_by` and `note` tell who said so and why.
    """

    offboarding = models.ForeignKey(Offboarding, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, choices=LeavingStep)
    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    waba = models.ForeignKey("clients.Waba", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    mark = models.CharField(max_length=12, choices=Mark, default=Mark.OPEN)
    marked_at = models.DateTimeField(null=True, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    reopened_at = models.DateTimeField(
        null=True, blank=True, help_text="When a reading last showed that it is not done after all."
    )

    objects = OffboardingStepQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["offboarding", "kind", "number", "waba"],
                condition=Q(number__isnull=False),
                name="one_leaving_step_per_number",
            ),
            models.UniqueConstraint(
                fields=["offboarding", "kind", "waba"],
                condition=Q(number=None, waba__isnull=False),
                name="one_leaving_step_per_waba",
            ),
            models.UniqueConstraint(
                fields=["offboarding", "kind"], condition=Q(number=None, waba=None), name="one_leaving_step_per_case"
            ),
        ]

    def __str__(self) -> str:
        about = self.number or self.waba
        return f"{self.get_kind_display()}: {about}" if about is not None else str(self.get_kind_display())

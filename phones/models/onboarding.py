"""From a finished signup to a registered number: what was done, what failed, what waits."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.models.answers import Refused
from clients.models.links import Link
from phones.choices import StepKind, StepState
from phones.querysets import CodeLinkQuerySet, OnboardingQuerySet


class Onboarding(models.Model):
    """One WABA on its way from a client's signup to a registered number. Its steps are rows of their own.

    A worker holds it by its lease, as it holds a WABA that it reads. `due_at` is when work on it goes on; NULL when
    it is finished, dismissed, or waits for a person.
    """

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="onboardings")
    attempt = models.ForeignKey(
        "clients.SignupAttempt", on_delete=models.SET_NULL, null=True, blank=True, related_name="onboardings"
    )
    credential = models.ForeignKey(
        "clients.Credential", on_delete=models.SET_NULL, null=True, blank=True, related_name="onboardings"
    )
    waba = models.ForeignKey(
        "clients.Waba", on_delete=models.SET_NULL, null=True, blank=True, related_name="onboardings"
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = OnboardingQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["attempt", "waba"], name="one_onboarding_per_signup_and_waba")]
        # Of all onboardings few are under way, and of all steps few are held up.
        indexes = [
            models.Index(
                fields=["client"], condition=Q(finished_at=None, dismissed_at=None), name="onboarding_under_way"
            )
        ]

    def __str__(self) -> str:
        return f"Onboarding {self.pk}"


class OnboardingStep(Refused):
    """One step of an onboarding. A number that is registered has a step of its own (`number`)."""

    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind)
    state = models.CharField(max_length=12, choices=StepState, default=StepState.WAITING)
    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    action = models.ForeignKey("phones.Action", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["onboarding", "kind"], condition=Q(number=None), name="one_step_per_kind"),
            models.UniqueConstraint(
                fields=["onboarding", "kind", "number"],
                condition=Q(number__isnull=False),
                name="one_step_per_kind_and_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "retry_at", "onboarding"],
                condition=Q(state__in=(StepState.CLIENT, StepState.FAILED, StepState.UNKNOWN)),
                name="step_held_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"


class CodeLink(Link):
    """A link on which a client asks for the one-time code of one number and types it."""

    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, related_name="code_links")

    objects = CodeLinkQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Code link {self.pk}"

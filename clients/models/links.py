"""Links that a client opens without a login, and what came of the signups behind them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from clients.choices import AttemptState, LinkState
from clients.models.answers import Refused
from clients.querysets import LinkQuerySet, SignupAttemptQuerySet
from portal.fields import SealedTextField


class Link(models.Model):
    """The columns of a link. Its secret is part of the address: found by its digest, shown again by who made it."""

    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    token_sealed = SealedTextField(editable=False)
    secret_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When a browser last showed its page.")
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        choices=settings.LANGUAGES,
        help_text="In which its page is shown and sent; empty: as the browser asks.",
    )

    class Meta:
        abstract = True

    @property
    def state(self) -> LinkState:
        if self.revoked_at is not None:
            return LinkState.REVOKED
        return LinkState.EXPIRED if self.expires_at <= timezone.now() else LinkState.OPEN


class SignupLink(Link):
    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="signup_links")
    display_name = models.CharField(
        max_length=100, blank=True, help_text="The display name the client wants, filled in for them."
    )

    objects = LinkQuerySet["SignupLink"].as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Signup link {self.pk}"


class StatusLink(Link):
    """A link to a page that tells one client where their numbers stand."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="status_links")

    objects = LinkQuerySet["StatusLink"].as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Status link {self.pk}"


class SignupAttempt(Refused):
    """One try at Embedded Signup, from the link that was sent to what came of it.

    The `said_` columns are what the page in the client's browser reported: hints, never facts. What comes
    back is taken from the browser that began (`browser_digest`), and once (`state_used_at`).
    """

    link = models.ForeignKey(SignupLink, on_delete=models.CASCADE, related_name="attempts")
    state = models.CharField(max_length=20, choices=AttemptState, default=AttemptState.SENT, db_index=True)
    browser_digest = models.CharField(max_length=64, blank=True, editable=False)
    state_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="When Meta's dialog was opened.")
    ended_at = models.DateTimeField(null=True, blank=True)
    said_event = models.CharField(max_length=60, blank=True)
    said_step = models.CharField(max_length=60, blank=True)
    said_waba_id = models.CharField(max_length=32, blank=True)
    said_phone_number_id = models.CharField(max_length=32, blank=True)
    said_business_id = models.CharField(max_length=32, blank=True)
    said_error = models.TextField(blank=True)
    said_error_code = models.CharField(max_length=60, blank=True)
    said_session_id = models.CharField(max_length=200, blank=True, help_text="Meta's id of the session, for support.")
    said_version = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="Of the dialog's messages."
    )
    said_ids = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), blank=True, help_text="All ids, by Meta's names."
    )
    refusal = models.CharField(max_length=30, blank=True, help_text="Why the desk did not accept what came back.")
    credential = models.ForeignKey(
        "clients.Credential", on_delete=models.SET_NULL, null=True, blank=True, related_name="signup_attempts"
    )
    handled_at = models.DateTimeField(null=True, blank=True, help_text="When staff closed what was left to them.")
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SignupAttemptQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    @property
    def further_ids(self) -> dict[str, list[str]]:
        """What the dialog named beside what has a column of its own."""
        own = {"waba_id", "phone_number_id", "business_id", "session_id"}
        return {name: ids for name, ids in self.said_ids.items() if name not in own}

    def __str__(self) -> str:
        return f"Signup {self.pk} ({self.get_state_display()})"

"""Phone numbers and the WABAs that list them."""

from __future__ import annotations

import datetime
from typing import cast

from django.db import models

from phones.models.ages import NumberAge
from phones.querysets import ListingQuerySet, PhoneNumberQuerySet

# The values of `phones.numbers.rules`, for the conditions of indexes.
_NEVER_REGISTERED = ("DELETED", "DISCONNECTED", "MIGRATED", "OFFLINE", "PENDING", "UNLINKED", "UNVERIFIED")
_NOT_ON_CLOUD_API = ("NOT_APPLICABLE", "ON_PREMISE")
_ASKED_FOR_MOST = ("move", "stage", "status", "platform_type", "may_send", "quality_rating", "digits")


_Manager = models.Manager.from_queryset(PhoneNumberQuerySet)


class NumberManager(_Manager["PhoneNumber"]):
    """Reads each number with its row of ages, so that no page asks for one after the other."""

    def get_queryset(self) -> PhoneNumberQuerySet:
        return cast("PhoneNumberQuerySet", super().get_queryset().select_related("age"))


class PhoneNumber(models.Model):
    """A business phone number, with what Graph last said of it.

    Its state is stored once, however many WABAs list it. A fact is NULL while Graph has not returned it, which is
    not the same as an empty value. Names are Graph's own, but for `throughput` (the level inside Graph's object) and
    `messaging_limit` (Graph's `whatsapp_business_manager_messaging_limit`).
    """

    phone_number_id = models.CharField("phone number id", max_length=32, unique=True)
    waba = models.ForeignKey(
        "clients.Waba",
        on_delete=models.PROTECT,
        related_name="current_numbers",
        help_text="The WABA it is on now; every WABA that lists it is in its listings.",
    )
    client = models.ForeignKey(
        "clients.Client",
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="Derived: whose its WABA is. The database keeps it (phones.numbers.kept_columns).",
    )

    display_phone_number = models.CharField(max_length=512, null=True, blank=True)
    verified_name = models.CharField(max_length=512, null=True, blank=True)
    code_verification_status = models.CharField(max_length=512, null=True, blank=True)
    quality_rating = models.CharField(max_length=512, null=True, blank=True)
    platform_type = models.CharField(max_length=512, null=True, blank=True)
    throughput = models.CharField(max_length=512, null=True, blank=True)
    status = models.CharField(max_length=512, null=True, blank=True)
    name_status = models.CharField(max_length=512, null=True, blank=True)
    new_name_status = models.CharField(max_length=512, null=True, blank=True)
    last_onboarded_time = models.DateTimeField(null=True, blank=True)
    webhook_configuration = models.JSONField(null=True, blank=True)
    account_mode = models.CharField(max_length=512, null=True, blank=True)
    is_official_business_account = models.BooleanField(null=True, blank=True)
    is_pin_enabled = models.BooleanField(null=True, blank=True)
    is_on_biz_app = models.BooleanField(null=True, blank=True)
    is_preverified_number = models.BooleanField(null=True, blank=True)
    new_display_name = models.CharField(max_length=512, null=True, blank=True)
    messaging_limit = models.CharField(max_length=512, null=True, blank=True)

    signup_at = models.DateTimeField(
        null=True, blank=True, help_text="When its client finished Embedded Signup for it on the desk."
    )

    provenance = models.JSONField(
        default=dict,
        blank=True,
        help_text="Facts that are older than the last reading, or came another way: field → {at, source}.",
    )
    odd_values = models.JSONField(
        default=dict, blank=True, help_text="What Graph sent where a fact of another type was due."
    )
    first_seen_at = models.DateTimeField()
    missing_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when no WABA that we read lists it any more."
    )
    gone_at = models.DateTimeField(
        null=True, blank=True, help_text="When a second complete reading confirmed that it is listed nowhere."
    )

    # Derived by `phones.numbers.lifecycle`, written by `phones.numbers.standing`.
    stage = models.CharField(max_length=20, blank=True)
    next_action = models.CharField(max_length=1000, blank=True)
    move = models.CharField(max_length=10, blank=True)
    step = models.CharField(max_length=20, blank=True)
    may_send = models.CharField(max_length=10, null=True, blank=True)
    stage_since = models.DateTimeField(null=True, blank=True)
    registration_deadline = models.DateTimeField(null=True, blank=True)
    name_approved_at = models.DateTimeField(
        null=True, blank=True, help_text="When the desk first saw the requested name approved."
    )

    # What lists say of its details and profile: derived by `phones.numbers.traits`, NULL where it is not known.
    username_state = models.CharField(max_length=10, null=True, blank=True)
    profile_state = models.CharField(max_length=10, null=True, blank=True)
    calling_state = models.CharField(max_length=10, null=True, blank=True)

    digits = models.CharField(max_length=512, blank=True, help_text="Derived: the digits of display_phone_number.")
    former_names = models.JSONField(default=list, blank=True)
    search_text = models.TextField(blank=True, help_text="Derived: what the search box looks in.")

    objects = NumberManager()

    class Meta:
        ordering = ("pk",)
        # Each list filter and sort is an index; the key behind the value makes every sort a keyset.
        indexes = [
            models.Index(fields=[field, "id"], name=f"number_{short}")
            for field, short in [
                ("status", "status"),
                ("code_verification_status", "code"),
                ("name_status", "name_status"),
                ("new_name_status", "new_name_status"),
                ("quality_rating", "quality"),
                ("platform_type", "platform"),
                ("throughput", "throughput"),
                ("account_mode", "account_mode"),
                ("messaging_limit", "limit"),
                ("last_onboarded_time", "onboarded"),
                ("verified_name", "verified_name"),
                ("digits", "digits"),
                ("first_seen_at", "first_seen"),
                ("stage", "stage"),
                ("may_send", "may_send"),
                ("registration_deadline", "deadline"),
                ("username_state", "username"),
                ("profile_state", "profile"),
                ("calling_state", "calling"),
                ("is_official_business_account", "official"),
            ]
        ]
        # Whose move it is: the longest waiting first, and how many there are of each stage.
        indexes += [models.Index(fields=["move", "stage_since", "stage"], name="number_move")]
        # How many that wait for nobody are worth a look all the same, and which are stopped: counted within the index.
        indexes += [
            models.Index(
                fields=["move", "id"],
                condition=models.Q(quality_rating__in=("YELLOW", "RED")),
                name="number_low_quality",
            ),
            models.Index(fields=["may_send", "status", "platform_type", "id"], name="number_stopped"),
        ]
        # Of those that wait for us or for the client, all that may be down.
        indexes += [
            models.Index(
                fields=["move", "stage_since", "status", "platform_type", "may_send", "stage", "client", "id"],
                condition=models.Q(move__in=("us", "client"))
                & (models.Q(may_send="no") | models.Q(status="BANNED") | models.Q(stage="disconnected")),
                name="number_down",
            )
        ]
        # Those that Meta says are not registered, the first deadline first; and those of which it does not say.
        indexes += [
            models.Index(
                fields=["registration_deadline", "id"],
                condition=models.Q(status__in=_NEVER_REGISTERED) | models.Q(platform_type__in=_NOT_ON_CLOUD_API),
                name="number_not_registered",
            ),
            models.Index(
                fields=["status", "id"],
                condition=models.Q(platform_type=None) | ~models.Q(platform_type__in=("CLOUD_API", *_NOT_ON_CLOUD_API)),
                name="number_unknown",
            ),
        ]
        # The numbers of one client, the first deadline first. And those of some clients by what is asked for most: of
        # one person's clients they are counted within the index.
        indexes += [
            models.Index(fields=["client", "registration_deadline", "id"], name="number_of_client"),
            models.Index(
                fields=["client", *_ASKED_FOR_MOST, "id"],
                name="number_facts_of_client",
            ),
        ]
        # Of all numbers few are missing.
        indexes += [
            models.Index(
                fields=["missing_since", "id"], condition=models.Q(missing_since__isnull=False), name="number_missing"
            )
        ]

    def __str__(self) -> str:
        return self.display_phone_number or self.phone_number_id

    # What stands in its row of ages, which `objects` reads with it.

    @property
    def known_age(self) -> NumberAge:
        """Its row of ages; were that lost, nothing is known to be younger than the number's first reading."""
        age: NumberAge | None = getattr(self, "age", None)
        return age or NumberAge(number_id=self.pk, synced_at=self.first_seen_at)

    @property
    def synced_at(self) -> datetime.datetime:
        """When Graph last returned it."""
        return self.known_age.synced_at

    @property
    def synced_by(self) -> str:
        return self.known_age.synced_by

    @property
    def oldest_fact_at(self) -> datetime.datetime | None:
        return self.known_age.oldest_fact_at

    @property
    def facts_as_of(self) -> datetime.datetime:
        """How old what is said of it is: worked out here, as the column of that name is, which a new row lacks."""
        return min(self.synced_at, self.oldest_fact_at or self.synced_at)


class Listing(models.Model):
    """One WABA lists one number: since when, and since when no longer.

    `missing_since` is set by the first complete reading without the number, `gone_at` by the second. `is_current` is
    false once the number is missing here and listed elsewhere: it has moved, and this WABA's people no longer see it.
    """

    number = models.ForeignKey(PhoneNumber, on_delete=models.CASCADE, related_name="listings")
    waba = models.ForeignKey("clients.Waba", on_delete=models.PROTECT, related_name="listings")
    first_seen_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    is_current = models.BooleanField(default=True)
    is_further = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Derived: it is current, and not that of the WABA the number is under. The database keeps it.",
    )

    objects = ListingQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["number", "waba"], name="one_listing_per_number_and_waba")]
        indexes = [
            models.Index(fields=["waba", "is_current", "number"], name="listing_current"),
            models.Index(fields=["waba", "number"], condition=models.Q(is_further=True), name="listing_further"),
        ]

    def __str__(self) -> str:
        return f"{self.number} on {self.waba}"

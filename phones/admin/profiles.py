"""The administrators' back office for what Meta says beside its lists, and for when it is asked. For looking only."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from clients.back_office import Subject
from phones import models


@admin.register(models.BusinessProfile)
class BusinessProfileAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("number", "about", "vertical", "read_at", "read_by", "error_kind", "code")
    list_filter = ("error_kind",)
    list_select_related = ("number",)
    search_fields = ("number__digits", "=number__phone_number_id", "=fbtrace_id")


@admin.register(models.MessageLinks)
class MessageLinksAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("number", "read_at", "read_by", "error_kind", "code")
    list_filter = ("error_kind",)
    list_select_related = ("number",)
    search_fields = ("number__digits", "=number__phone_number_id", "=fbtrace_id")


@admin.register(models.NumberDetails)
class NumberDetailsAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("number",)
    list_select_related = ("number",)
    search_fields = ("number__digits", "=number__phone_number_id")


@admin.register(models.WabaDetails)
class WabaDetailsAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("waba", "next_read_at", "tried_at")
    list_select_related = ("waba",)
    search_fields = ("=waba__waba_id", "waba__name")


@admin.register(models.ProfileTurn)
class ProfileTurnAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("number", "next_read_at", "tried_at", "lapses_at")
    list_select_related = ("number",)
    search_fields = ("number__digits", "=number__phone_number_id")


@admin.register(models.ProfileQuota)
class ProfileQuotaAdmin(ReadOnly):
    subject = Subject.READINGS
    list_display = ("waba", "next_read_at", "not_before", "hour_began_at", "calls", "ceiling_percent")
    list_select_related = ("waba",)
    search_fields = ("=waba__waba_id", "waba__name")


@admin.register(models.TokenPart)
class TokenPartAdmin(ReadOnly):
    subject = Subject.READINGS
    list_display = ("credential", "part", "answered_at", "refused_in_a_row", "left_out_until")
    list_filter = ("part",)
    list_select_related = ("credential",)

"""The tables of this app, one subject a module."""

from phones.models.actions import Action, Pin, PinReveal
from phones.models.ages import NumberAge
from phones.models.alerts import Alert, AlertRecipient, ChangeMark, Dispatch, Incident
from phones.models.approvals import Approval
from phones.models.book import Mention, Note, NumberLabel, NumberWatch
from phones.models.bulk import BulkItem, BulkRun
from phones.models.counts import NumberCount
from phones.models.daily import ClientCount, DailyCount
from phones.models.details import NumberDetails
from phones.models.events import AppCallback, Event, EventFact, Subscription
from phones.models.health import Health
from phones.models.heartbeat import Heartbeat
from phones.models.history import Change, SeenChange
from phones.models.mail_settings import Channel, MailSettings
from phones.models.message_links import MessageLinks
from phones.models.numbers import Listing, PhoneNumber
from phones.models.offboarding import Offboarding, OffboardingStep
from phones.models.onboarding import CodeLink, Onboarding, OnboardingStep
from phones.models.preverified import PreverifiedNumber, PreverifiedShare
from phones.models.profile import BusinessProfile
from phones.models.profile_lane import ProfileQuota, ProfileTurn, TokenPart
from phones.models.waba_details import WabaDetails
from phones.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "Action",
    "Alert",
    "AlertRecipient",
    "AppCallback",
    "Approval",
    "BulkItem",
    "BulkRun",
    "BusinessProfile",
    "Change",
    "ChangeMark",
    "Channel",
    "ClientCount",
    "CodeLink",
    "DailyCount",
    "Dispatch",
    "Event",
    "EventFact",
    "Health",
    "Heartbeat",
    "Incident",
    "Listing",
    "MailSettings",
    "Mention",
    "MessageLinks",
    "Note",
    "NumberAge",
    "NumberCount",
    "NumberDetails",
    "NumberLabel",
    "NumberWatch",
    "Offboarding",
    "OffboardingStep",
    "Onboarding",
    "OnboardingStep",
    "PhoneNumber",
    "Pin",
    "PinReveal",
    "PreverifiedNumber",
    "PreverifiedShare",
    "ProfileQuota",
    "ProfileTurn",
    "SeenChange",
    "Subscription",
    "TokenPart",
    "WabaDetails",
    "Webhook",
    "WebhookDelivery",
]

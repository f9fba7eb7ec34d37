"""The tables of this app, one subject a module."""

from phones.models.actions import Action, Pin, PinReveal
from phones.models.book import Mention, Note, NumberLabel, NumberWatch
from phones.models.events import AppCallback, Event, EventFact, Subscription
from phones.models.health import Health
from phones.models.heartbeat import Heartbeat
from phones.models.history import Change
from phones.models.numbers import Listing, PhoneNumber
from phones.models.onboarding import CodeLink, Onboarding, OnboardingStep
from phones.models.preverified import PreverifiedNumber, PreverifiedShare

__all__ = [
    "Action",
    "AppCallback",
    "Change",
    "CodeLink",
    "Event",
    "EventFact",
    "Health",
    "Heartbeat",
    "Listing",
    "Mention",
    "Note",
    "NumberLabel",
    "NumberWatch",
    "Onboarding",
    "OnboardingStep",
    "PhoneNumber",
    "Pin",
    "PinReveal",
    "PreverifiedNumber",
    "PreverifiedShare",
    "Subscription",
]

"""The administrators' back office for this app's tables, one subject a module. Importing it registers them."""

from phones.admin import actions, events, heartbeats, numbers, onboarding, pool

__all__ = ["actions", "events", "heartbeats", "numbers", "onboarding", "pool"]

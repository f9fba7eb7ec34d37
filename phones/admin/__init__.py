"""The administrators' back office for this app's tables, one subject a module. Importing it registers them."""

from phones.admin import alerts, book, bulk, profiles, records

__all__ = ["alerts", "book", "bulk", "profiles", "records"]
